/** What `<livedraft-sketch>` tells its page. */

import type { Frame } from "../client/session.ts";
import type { ElementEvents, ParamsDetail } from "../ui/events.ts";
import { eventNames } from "../ui/events.ts";
import type { Submitted } from "./finals.ts";
import type { Diagnostics } from "./host.ts";

/** A picture without its pixels: `snapshot()` gives them. */
export type FrameDetail = Omit<Frame, "image" | "mime" | "seq" | "bitmap">;

export type SubmitDetail = Submitted;

export interface SketchEvents extends ElementEvents {
  /** A stroke ended. */
  stroke: ParamsDetail;
  /** A picture is shown, each draft on the way, too. */
  frame: FrameDetail;
  /** The picture of what was done is shown: once for a stroke, an undo, a param, a refine. */
  change: FrameDetail;
  /** The final picture is there. */
  submit: SubmitDetail;
  /** The drawing was cleared. */
  clear: ParamsDetail;
  diagnostics: Diagnostics;
}

export const EVENTS = eventNames<SketchEvents>({ stroke: true, frame: true, change: true, submit: true, clear: true });
