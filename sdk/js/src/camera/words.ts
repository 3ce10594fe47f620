/** What is said of a source: where its pictures would be, and at the foot. */

import type { SourceState } from "../ui/source.ts";

export const NO_CLIP = "Drop a clip here, or open one.";

export const SILENCED = "The browser plays sound after you allow it.";

export const HINTS: Record<SourceState, string> = {
  idle: "Nothing is sent before you press Start.",
  asking: "The browser asks whether this page may use it.",
  live: "",
  stopped: "Stopped: nothing is sent.",
  failed: "Nothing is sent.",
};

export const WORDS: Partial<Record<SourceState, string>> = {
  idle: "Ready",
  asking: "Waiting for your permission",
  stopped: "Stopped",
  failed: "Nothing to send",
};
