/** `<LivedraftTryon>`: a customer's photo or camera, and the garments of a shop on it. */
import type { GarmentJson, TryonEvents, Wording } from "../livedraft-tryon.mjs";
import { LivedraftTryon as Tryon } from "../livedraft-tryon.mjs";
import type { Component, Props } from "./element.mjs";
export type LivedraftTryonProps = Props<(typeof Tryon.observedAttributes)[number], TryonEvents, {
    /** What the shop offers. */
    garments?: readonly GarmentJson[] | string | undefined;
    /** Texts of the page's own, in place of the element's. */
    words?: Wording | undefined;
}>;
export declare const LivedraftTryon: Component<Tryon, LivedraftTryonProps>;
