/** `<LivedraftTryon>`: a customer's photo or camera, and the garments of a shop on it. */

import type { GarmentJson, TryonEvents, Wording } from "../tryon.ts";
import { LivedraftTryon as Tryon } from "../tryon.ts";
import type { Component, Props } from "./element.ts";
import { component } from "./element.ts";

export type LivedraftTryonProps = Props<
  (typeof Tryon.observedAttributes)[number],
  TryonEvents,
  {
    /** What the shop offers. */
    garments?: readonly GarmentJson[] | string | undefined;
    /** Texts of the page's own, in place of the element's. */
    words?: Wording | undefined;
  }
>;

export const LivedraftTryon: Component<Tryon, LivedraftTryonProps> = component("livedraft-tryon", Tryon);
