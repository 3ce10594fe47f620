/** What the line at the foot says of a session that draws. */

import type { Limit, Stats } from "../client/stats.ts";
import type { Reading } from "../ui/readout.ts";

const LIMITS: Record<Limit, string> = {
  model: "the model",
  network: "the network",
  encode: "encoding here",
  browser: "this browser",
  queue: "others' turns",
};

export function reading(stats: Stats): Reading {
  return {
    rate: stats.fps,
    latencyMs: stats.penToPixelMs,
    latency: " pen to picture",
    limit: LIMITS[stats.limiting],
    stages: [
      ["encode", "Encode", stats.encodeMs],
      ["network", "Network", stats.networkMs],
      ["queue", "Queue", stats.queueMs],
      ["model", "Model", stats.modelMs],
      ["browser", "Browser", stats.browserMs],
    ],
    counts: [["Superseded drafts", String(stats.dropped)]],
  };
}
