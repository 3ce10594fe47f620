/** What the inside of `<livedraft-camera>` needs of the element around it, and tells of itself. */

import type { SessionDiagnostics } from "../ui/diagnostics.ts";
import type { Host } from "../ui/host.ts";
import type { SourceState } from "../ui/source.ts";
import type { CameraStats } from "./reading.ts";

export interface CameraHost extends Host {
  worklet(): string; // the address of the microphone's script
}

/** The detail of the event `diagnostics`, and the property of that name. */
export interface CameraDiagnostics extends SessionDiagnostics {
  source: SourceState;
  stats: CameraStats | null;
}
