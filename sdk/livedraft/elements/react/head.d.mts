/** `<LivedraftHead>`: a face that says what is typed, spoken or streamed to it. */
import type { HeadEvents, Wording } from "../livedraft-head.mjs";
import { LivedraftHead as Head } from "../livedraft-head.mjs";
import type { Component, Props } from "./element.mjs";
export type LivedraftHeadProps = Props<(typeof Head.observedAttributes)[number], HeadEvents, {
    /** 0..1 */
    volume?: number | undefined;
    /** Texts of the page's own, in place of the element's. */
    words?: Wording | undefined;
}>;
export declare const LivedraftHead: Component<Head, LivedraftHeadProps>;
