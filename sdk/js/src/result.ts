/** The live result: the newest picture on a canvas, and what it was made from. */

import { h, show } from "./dom.ts";
import { toBlob } from "./encode.ts";
import type { FrameMessage, Params } from "./protocol.ts";
import { writeRecipe } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import type { Frame } from "./session.ts";

declare const __VERSION__: string; // of the package, set by the build

export type Shown = Omit<FrameMessage, "type">;

export class Result {
  readonly canvas = h("canvas", { class: "picture", role: "img", "aria-label": "Live result" });
  readonly root: HTMLElement;
  frame: Shown | null = null;
  private readonly context = this.canvas.getContext("2d")!;
  private readonly bar = h("div", { class: "bar-of-steps", role: "progressbar", "aria-label": "Refining" });
  private readonly hint = h("p", { class: "hint" }, "The picture follows your pen.");

  constructor() {
    this.root = h("div", { class: "pane result", part: "result" }, this.canvas, this.hint, this.bar);
    this.clear();
  }

  show(frame: Frame): void {
    const { bitmap, ...rest } = frame;
    if (this.canvas.width !== bitmap.width) this.canvas.width = bitmap.width;
    if (this.canvas.height !== bitmap.height) this.canvas.height = bitmap.height;
    this.context.clearRect(0, 0, bitmap.width, bitmap.height);
    this.context.drawImage(bitmap, 0, 0);
    this.frame = rest;
    this.root.dataset["stage"] = frame.stage;
    this.canvas.setAttribute("aria-label", `Live result: ${String(frame.params["prompt"] || "no prompt")}`);
    show(this.hint, false);
    this.root.toggleAttribute("data-empty", false);
  }

  clear(): void {
    this.frame = null;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.canvas.setAttribute("aria-label", "Live result: nothing yet");
    show(this.hint, true);
    this.root.toggleAttribute("data-empty", true);
    this.progress(null);
  }

  /** Show how far a refine is, 0..1; null takes the bar away. */
  progress(part: number | null): void {
    show(this.bar, part !== null);
    this.bar.style.setProperty("--part", `${(part ?? 0) * 100}%`);
    this.bar.setAttribute("aria-valuenow", String(Math.round((part ?? 0) * 100)));
  }

  /** Return the shown picture as a PNG that carries its recipe; null where there is none. */
  async png(sketch: Blob | null): Promise<Blob | null> {
    const { frame } = this;
    if (!frame) return null;
    const png = frame.mime === "image/png" ? frame.image : await this.pixels();
    const recipe = recipeOf(frame, sketch && (await dataUri(sketch)));
    return new Blob([writeRecipe(png, recipe)], { type: "image/png" });
  }

  private async pixels(): Promise<Uint8Array> {
    return new Uint8Array(await (await toBlob(this.canvas)).arrayBuffer());
  }
}

/** The keys that every client of livedraft writes, and the drawing itself. */
function recipeOf(frame: Shown, sketch: string | null): Recipe {
  const { model, stage, seed, steps, params } = frame;
  return {
    livedraft: __VERSION__, model, stage, seed, steps, params,
    ...(sketch ? { inputs: { sketch } } : {}),
  };
}

/** Return the params of a recipe, as far as it has any. */
export function paramsOf(recipe: Recipe): Params {
  const params = recipe["params"];
  return typeof params === "object" && params !== null ? (params as Params) : {};
}

/** Return the drawing that a recipe carries. */
export async function sketchOf(recipe: Recipe): Promise<Blob | null> {
  const inputs = recipe["inputs"] as Record<string, unknown> | undefined;
  const sketch = inputs?.["sketch"];
  if (typeof sketch !== "string" || !sketch.startsWith("data:image/")) return null;
  return (await fetch(sketch)).blob();
}

function dataUri(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });
}
