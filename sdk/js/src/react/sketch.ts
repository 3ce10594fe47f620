/** `<LivedraftSketch>`: draw, and the picture follows the pen. */

import type { Brush, Example, SketchEvents } from "../index.ts";
import { LivedraftSketch as Sketch } from "../index.ts";
import type { Component, Props } from "./element.ts";
import { component } from "./element.ts";

export type LivedraftSketchProps = Props<
  (typeof Sketch.observedAttributes)[number],
  SketchEvents,
  {
    /** Drawings to begin with, or the address of a JSON file of them. */
    examples?: readonly Example[] | string | undefined;
    brush?: Partial<Brush> | undefined;
  }
>;

export const LivedraftSketch: Component<Sketch, LivedraftSketchProps> = component("livedraft-sketch", Sketch);
