/** What `<livedraft-tryon>` tells its page; none of it shows anybody. */

import type { ElementEvents } from "../ui/events.ts";
import { eventNames } from "../ui/events.ts";
import type { TryonDiagnostics } from "./host.ts";
import type { ShopEvents } from "./shop/events.ts";

export interface TryonEvents extends ElementEvents, ShopEvents {
  diagnostics: TryonDiagnostics;
}

export const EVENTS = eventNames<TryonEvents>({
  "tryon-start": true,
  "tryon-shown": true,
  "tryon-failed": true,
  "add-to-cart": true,
});
