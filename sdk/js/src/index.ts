/** What a page gets: the client, and the element `<livedraft-sketch>`. */

import { LivedraftSketch as Sketch } from "./sketch/element.ts";
import { define } from "./ui/element.ts";

export type { ConnectOptions } from "./client/client.ts";
export { checkConnectivity, connect } from "./client/client.ts";
export type { Connectivity } from "./client/connectivity.ts";
export type { Frame, SessionEvents, State } from "./client/session.ts";
export { LiveSession } from "./client/session.ts";
export type { Stats } from "./client/stats.ts";
export { LivedraftError } from "./errors.ts";
export { readRecipe, writeRecipe } from "./media/recipe.ts";
export type { FrameDetail, SketchEvents, SubmitDetail } from "./sketch/events.ts";
export type { Example } from "./sketch/examples.ts";
export type { Snapshot } from "./sketch/finals.ts";
export type { Diagnostics } from "./sketch/host.ts";
export type { Brush } from "./sketch/paper.ts";
export type { StrokeJson } from "./sketch/strokes.ts";
export type { AttributeValues } from "./ui/attributes.ts";

/** The element's class; where a page has two versions of this script, that of the first. */
export const LivedraftSketch = define("livedraft-sketch", Sketch);
export type LivedraftSketch = Sketch;

declare global {
  interface HTMLElementTagNameMap {
    "livedraft-sketch": Sketch;
  }
}
