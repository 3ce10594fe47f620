/** What an element tells of its session: the numbers of the read-out, for pages, tests and benchmarks. */

import type { State } from "../client/session.ts";
import type { ShownPicture } from "../client/showing.ts";
import type { Stats } from "../client/stats.ts";

/** The detail of the event `diagnostics`, and the property of that name. */
export interface Diagnostics {
  state: State; // of the connection
  position: number; // in the queue, while `state` is `queued`; else 0
  sent: number; // the id of the newest message to the server
  settled: boolean; // whether the picture on show is of all that was sent
  stats: Stats | null; // over the last pictures; null before the first
  picture: ShownPicture | null; // times of the newest drawn one
}
