/** `<LivedraftSketch>`: draw, and the picture follows the pen. */
import type { Brush, Example, SketchEvents } from "../livedraft.mjs";
import { LivedraftSketch as Sketch } from "../livedraft.mjs";
import type { Component, Props } from "./element.mjs";
export type LivedraftSketchProps = Props<(typeof Sketch.observedAttributes)[number], SketchEvents, {
    /** Drawings to begin with, or the address of a JSON file of them. */
    examples?: readonly Example[] | string | undefined;
    brush?: Partial<Brush> | undefined;
}>;
export declare const LivedraftSketch: Component<Sketch, LivedraftSketchProps>;
