/** What the inside of `<livedraft-tryon>` needs of the element around it, and tells of itself. */

import type { SessionDiagnostics } from "../ui/diagnostics.ts";
import type { Host } from "../ui/host.ts";
import type { SourceState } from "../ui/source.ts";
import type { View } from "./stage/stage.ts";

export interface TryonHost extends Host {
  readonly element: HTMLElement;
}

/** The detail of the event `diagnostics`, and the property of that name; nothing of it shows anybody. */
export interface TryonDiagnostics extends SessionDiagnostics {
  camera: SourceState;
  view: View;
  photo: [width: number, height: number] | null; // px
  worn: string[]; // SKUs that are on show
  busy: boolean; // a picture is being made
  frames: number; // that were shown, of the photo and of the camera
}
