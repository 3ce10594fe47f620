/** What the line at the foot says of a session with sound and moving pictures. */

import type { LiveStats } from "../ui/live.ts";
import type { Reading } from "../ui/readout.ts";

export type CameraStats = LiveStats;

const FACTORS = { network: "the line", server: "the server", device: "this device" };
const ROUTES = { "": "", host: ", direct", srflx: ", direct", prflx: ", direct", relay: ", by a relay" };

export function reading(stats: CameraStats): Reading {
  const { roundTripMs, serverMs, modelMs, networkMs, glass, rtp } = stats;
  const waits = Math.max(0, serverMs - modelMs);
  const parts = { "the model": modelMs, "the line": networkMs, "the server": waits };
  const [limit = ""] = Object.entries(parts).reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  const sound = stats.offsetMs === null ? [] : [["Picture after sound", `${Math.round(stats.offsetMs)} ms`] as const];
  const about = rtp ? " on the way" : " camera to picture"; // WebRTC tells neither when it was captured nor painted
  return {
    rate: stats.fps,
    latencyMs: glass?.p50 ?? roundTripMs,
    latency: glass ? " glass to glass" : roundTripMs ? about : "",
    by: rtp ? "WebRTC" : "WebSocket",
    limit: roundTripMs ? limit : "",
    stages: roundTripMs
      ? [
          ["network", "Line, coding", networkMs],
          ["queue", "Server", waits],
          ["model", "Model", modelMs],
        ]
      : [],
    counts: [
      ["By", rtp ? `WebRTC${ROUTES[rtp.route]}` : "WebSocket"],
      ["Quality", verdict(stats)],
      ...(glass
        ? [["Glass to glass, p50 / p95", `${Math.round(glass.p50)} / ${Math.round(glass.p95)} ms`] as const]
        : []),
      ["Left out here", String(stats.skipped)],
      ["Unused there", String(stats.left)],
      ["Late", String(stats.late)],
      ...(stats.gaps ? [["Gaps in sound", String(stats.gaps)] as const] : []),
      ...sound,
    ],
  };
}

function verdict({ quality: { level, limit } }: CameraStats): string {
  return limit ? `${level}: ${FACTORS[limit]}` : level;
}
