/** What a page's TypeScript sees of the built module; the type checker is the test, nothing runs. */

import type { Brush, Diagnostics, Frame, Stats, StrokeJson } from "../../livedraft/elements/livedraft.mjs";
import { connect, LivedraftError, LivedraftSketch, readRecipe } from "../../livedraft/elements/livedraft.mjs";

const session = connect({ url: "/", params: { prompt: "a red fox" }, token: async () => "secret" });
session.on("frame", (frame: Frame) => frame.bitmap.close());
session.on("stats", ({ penToPixelMs, limiting }: Stats) => console.log(penToPixelMs.toFixed(), limiting.length));
session.send({ sketch: document.createElement("canvas") }, 0);
const final: Promise<Frame> = session.refine({ steps: 4 });
const switched: Promise<string> = session
  .switch("ink", { steps: 4 }, { sketch: new Uint8Array() })
  .then(({ model }) => model.id);
session.on("switched", ({ params, tracks }) => console.log(params["prompt"], tracks.length));
// @ts-expect-error: pictures go along encoded
void session.switch("ink", {}, { sketch: document.createElement("canvas") });
// @ts-expect-error: there is no such event
session.on("frames", () => undefined);
// @ts-expect-error: an address is text
connect({ url: 5 });
// @ts-expect-error: how it is built inside is nobody's
session.outbox;

const element: LivedraftSketch = new LivedraftSketch();
const found = document.querySelector("livedraft-sketch");
const told: Diagnostics | undefined = found?.diagnostics;
const kept: "pending" | "kept" | "refused" | undefined = told?.kept;
const stroke: StrokeJson = {
  points: [
    [0.2, 0.5],
    [0.8, 0.5],
  ],
  colour: "#e5484d",
};
element.brush = { size: 0.02 };
element.draw([stroke]);
const brush: Brush = element.brush;
const prompt: unknown = element.params["prompt"];
const picture: Promise<Blob | null> = element.snapshot().then(({ image }) => image);
// @ts-expect-error: the element's inside is its own
element.studio;

const failure = new LivedraftError({ code: "engine", message: "the model failed" });
const recipe: Record<string, unknown> | null = readRecipe(new Uint8Array());

export { brush, failure, final, kept, picture, prompt, recipe, switched, told };
