/** What the inside of `<livedraft-camera>` needs of the element around it, and tells of itself. */

import type { State } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import type { CameraStats } from "./reading.ts";
import type { SourceState } from "./source.ts";

export interface Host {
  emit(name: string, detail: object): void;
  failed(error: LivedraftError): void;
  retry(): void; // to connect
  pick(model: string): void; // to go on with
  choosesModel(): boolean; // whether the user may
  worklet(): string; // the address of the microphone's script
}

/** The detail of the event `diagnostics`, and the property of that name. */
export interface CameraDiagnostics {
  state: State; // of the connection
  position: number; // in the queue
  source: SourceState;
  stats: CameraStats | null;
}
