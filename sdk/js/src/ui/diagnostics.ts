/** What every element tells of its session, for pages, tests and benchmarks; each adds what it shows. */

import type { State } from "../client/session.ts";
import type { Via } from "../client/upgrade.ts";

/** In the detail of the event `diagnostics`, and in the property of that name. */
export interface SessionDiagnostics {
  state: State; // of the connection
  position: number; // in the queue, while `state` is `queued`; else 0
  transport: Via; // what the session goes by
  fallback: string; // why not by WebRTC, where that was tried; else empty
  model: string; // that the session is open with; empty before the first
}
