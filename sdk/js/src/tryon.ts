/** What a page gets of livedraft-tryon: the element `<livedraft-tryon>`, a file of its own. */

import { LivedraftTryon as Tryon } from "./tryon/element.ts";
import { define } from "./ui/element.ts";

export { LivedraftError } from "./errors.ts";
export type { TryonEvents } from "./tryon/events.ts";
export type { TryonDiagnostics } from "./tryon/host.ts";
export type { PresenceOptions } from "./tryon/kiosk/presence.ts";
export { Presence } from "./tryon/kiosk/presence.ts";
export type { CartDetail, FailedDetail, ShopEvents, ShownDetail, TryOnDetail } from "./tryon/shop/events.ts";
export type { Category, Garment, GarmentJson } from "./tryon/shop/garments.ts";
export type { Wording } from "./tryon/words/words.ts";
export type { AttributeValues } from "./ui/attributes.ts";

/** The element's class; where a page has two versions of this script, that of the first. */
export const LivedraftTryon = define("livedraft-tryon", Tryon);
export type LivedraftTryon = Tryon;

declare global {
  interface HTMLElementTagNameMap {
    "livedraft-tryon": Tryon;
  }
}
