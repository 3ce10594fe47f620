/** What a strict TypeScript project writes; the compiler is the test, nothing runs. */

import { connect, LivedraftSketch as Element } from "livedraft";
import { LivedraftCamera, LivedraftHead, LivedraftSketch, LivedraftTryon, useLivedraft } from "livedraft/react";
import type { LivedraftHeadProps, LivedraftSketchProps, LivedraftTryonProps } from "livedraft/react";
import type { LivedraftHead as Head } from "livedraft/head";
import type { LivedraftTryon as Tryon } from "livedraft/tryon";
import { createElement, createRef } from "react";

connect({ url: "/" }).on("frame", (frame) => frame.bitmap.close());
const ref = createRef<Element>();
createElement(LivedraftSketch, {
  ref, url: "/", pictureStyle: "flat", seed: 7, locked: true, palette: ["#fff"], loras: { wood: 0.5 },
  params: { wetness: 1 }, layout: "over", className: "wide", style: { width: 4 }, "aria-label": "draw",
  onSubmit: ({ detail }) => console.log(detail.image?.size, detail.seed),
  onDiagnostics: ({ detail }) => console.log(detail.kept), onClick: (event) => event.preventDefault(),
  examples: [{ name: "hill", prompt: "a hill", strokes: [] }], brush: { size: 0.1 },
});
ref.current?.draw([{ points: [[0, 0]] }]);
createElement(LivedraftCamera, { source: "screen", onStop: () => undefined });
createElement(LivedraftTryon, { garments: [], onAddToCart: ({ detail }) => detail.sku.length });
createElement(LivedraftHead, { volume: 0.5, listen: true, onWord: ({ detail }) => detail.until });
const { session, canvas, state } = useLivedraft({ url: "/", onFrame: (frame) => frame.id });
createElement("canvas", { ref: canvas, title: state });
session?.send({}, 0);
// @ts-expect-error: there is no such attribute
createElement(LivedraftSketch, { pictureStile: "flat" });
// @ts-expect-error: nor such a value
createElement(LivedraftSketch, { layout: "under" });
// @ts-expect-error: nor such an event
createElement(LivedraftCamera, { onClear: () => undefined });
// @ts-expect-error: an element has no children
createElement(LivedraftSketch, { children: "text" });

// Each property that can be set is a prop.
type Same<A, B> = (<U>() => U extends A ? 1 : 2) extends <U>() => U extends B ? 1 : 2 ? true : false;
type Settable<E> = {
  [K in Exclude<keyof E, keyof HTMLElement>]-?: E[K] extends (...args: never) => unknown ? never
    : Same<Pick<E, K>, Readonly<Pick<E, K>>> extends true ? never
    : K;
}[Exclude<keyof E, keyof HTMLElement>];
type Missing =
  | Exclude<Settable<Element>, keyof LivedraftSketchProps>
  | Exclude<Settable<Tryon>, keyof LivedraftTryonProps>
  | Exclude<Settable<Head>, keyof LivedraftHeadProps>;
const none: [Missing] extends [never] ? true : Missing = true;
const some: [Settable<Head>] extends [never] ? true : "volume" | "words" | "params" = "volume";
console.log(none, some);
