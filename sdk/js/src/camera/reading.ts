/** What the line at the foot says of a session with sound and moving pictures. */

import type { PlayerStats } from "../client/player.ts";
import type { Reading } from "../ui/readout.ts";

export type CameraStats = PlayerStats & {
  captured: number; // frames that were taken to be sent
  skipped: number; // frames that were left out: the line was busy
};

export function reading(stats: CameraStats): Reading {
  const { roundTripMs, serverMs, modelMs, networkMs } = stats;
  const waits = Math.max(0, serverMs - modelMs);
  const parts = { "the model": modelMs, "the line": networkMs, "the server": waits };
  const [limit = ""] = Object.entries(parts).reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  const sound = stats.offsetMs === null ? [] : [["Picture after sound", `${Math.round(stats.offsetMs)} ms`] as const];
  return {
    rate: stats.fps,
    latencyMs: roundTripMs,
    latency: roundTripMs ? " camera to picture" : "",
    limit: roundTripMs ? limit : "",
    stages: roundTripMs
      ? [
          ["network", "Line, coding", networkMs],
          ["queue", "Server", waits],
          ["model", "Model", modelMs],
        ]
      : [],
    counts: [
      ["Left out here", String(stats.skipped)],
      ["Unused there", String(stats.left)],
      ["Late", String(stats.late)],
      ...(stats.gaps ? [["Gaps in sound", String(stats.gaps)] as const] : []),
      ...sound,
    ],
  };
}
