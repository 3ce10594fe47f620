/** What a page gets of livedraft-camera: the element `<livedraft-camera>`, a file of its own. */

import { LivedraftCamera as Camera } from "./camera/element.ts";
import { define } from "./ui/element.ts";

export type { CameraEvents, CameraFrameDetail } from "./camera/events.ts";
export type { CameraDiagnostics } from "./camera/host.ts";
export type { CameraStats } from "./camera/reading.ts";
export { LivedraftError } from "./errors.ts";
export type { AttributeValues } from "./ui/attributes.ts";

/** The element's class; where a page has two versions of this script, that of the first. */
export const LivedraftCamera = define("livedraft-camera", Camera);
export type LivedraftCamera = Camera;

declare global {
  interface HTMLElementTagNameMap {
    "livedraft-camera": Camera;
  }
}
