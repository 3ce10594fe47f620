/** `<LivedraftHead>`: a face that says what is typed, spoken or streamed to it. */

import type { HeadEvents, Wording } from "../head.ts";
import { LivedraftHead as Head } from "../head.ts";
import type { Component, Props } from "./element.ts";
import { component } from "./element.ts";

export type LivedraftHeadProps = Props<
  (typeof Head.observedAttributes)[number],
  HeadEvents,
  {
    /** 0..1 */
    volume?: number | undefined;
    /** Texts of the page's own, in place of the element's. */
    words?: Wording | undefined;
  }
>;

export const LivedraftHead: Component<Head, LivedraftHeadProps> = component("livedraft-head", Head);
