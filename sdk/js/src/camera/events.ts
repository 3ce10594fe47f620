/** What `<livedraft-camera>` tells its page. */

import type { ElementEvents } from "../ui/events.ts";
import { eventNames } from "../ui/events.ts";
import type { SourceKind } from "../ui/source.ts";
import type { CameraDiagnostics } from "./host.ts";

export interface CameraFrameDetail {
  id: number;
  pts: number; // µs of the session's media clock
  timings: Record<string, number>;
}

export interface CameraEvents extends ElementEvents {
  /** The user has the source sent. */
  start: { source: SourceKind };
  /** The user stopped it. */
  stop: Record<string, never>;
  /** A picture is shown. */
  frame: CameraFrameDetail;
  diagnostics: CameraDiagnostics;
}

export const EVENTS = eventNames<CameraEvents>({ start: true, stop: true, frame: true });
