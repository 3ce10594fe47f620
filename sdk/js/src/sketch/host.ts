/** What the inside of `<livedraft-sketch>` needs of the element around it, and tells of itself. */

import type { SessionDiagnostics } from "../ui/diagnostics.ts";
import type { Host } from "../ui/host.ts";
import type { KeepingState } from "./keeping.ts";
import type { PictureDiagnostics } from "./live_result.ts";

export interface SketchHost extends Host {
  finishes(model: string): void; // chosen by the user: what connects from now on has it; empty: what drafts
  drawn(drawn: boolean): void; // something is on the paper, or nothing any more
}

/** What there is to tell of the drawing. */
export interface DrawingDiagnostics {
  operations: number; // that undo takes back: strokes, pictures, clears
  drawing: boolean; // whether a stroke is under way
  kept: KeepingState; // whether it outlives the page as it stands
}

/** The detail of the event `diagnostics`, and the property of that name. */
export interface Diagnostics extends SessionDiagnostics, PictureDiagnostics, DrawingDiagnostics {}
