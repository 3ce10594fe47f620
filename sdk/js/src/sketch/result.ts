/** The live result: the newest picture on a canvas, and what it was made from. */

import type { FrameMessage, Progress } from "../client/protocol.ts";
import type { Film, Frame } from "../client/session.ts";
import { bytesOf, dataUri } from "../media/datauri.ts";
import { toBlob } from "../media/encode.ts";
import type { Recipe } from "../media/recipe.ts";
import { markOf, writeRecipe } from "../media/recipe.ts";
import { h, show } from "../ui/dom.ts";
import type { StrokeJson } from "./strokes.ts";

declare const __VERSION__: string; // of the package, set by the build

export type Shown = Omit<FrameMessage, "type">;

export class Result {
  readonly canvas = h("canvas", { class: "picture", role: "img", "aria-label": "Live result" });
  readonly root: HTMLElement;
  frame: Shown | null = null;
  /** The film on show, over the picture; null where there is none. */
  film: Film | null = null;
  private readonly player = h("video", {
    class: "film",
    controls: "",
    loop: "",
    playsinline: "",
    "aria-label": "Film",
  });
  private readonly context = this.canvas.getContext("2d")!;
  private readonly bar = h("div", { class: "bar-of-steps", role: "progressbar", "aria-label": "Refining" });
  private readonly doing = h("span");
  private readonly cancel = h(
    "button",
    { type: "button", class: "quiet", onclick: () => this.calledOff?.() },
    "Cancel",
  );
  /** Tells what is being made; its place is above all panes, where it can be pressed. */
  readonly chip = h("div", { class: "making" }, this.doing, this.cancel);
  private calledOff: (() => void) | null = null;
  private readonly hint = h("p", { class: "hint" }, "The picture follows your pen.");

  constructor() {
    this.root = h("div", { class: "pane result", part: "result" }, this.canvas, this.player, this.hint, this.bar);
    this.making(null);
    this.clear();
  }

  /** What there is to tell of the picture that is shown, without its bytes. */
  get detail(): Record<string, unknown> {
    const { image: _, mime: _mime, seq: _seq, ...detail } = this.frame ?? {};
    return detail;
  }

  show(frame: Frame): void {
    const { bitmap, ...rest } = frame;
    this.play(null);
    if (this.canvas.width !== bitmap.width) this.canvas.width = bitmap.width;
    if (this.canvas.height !== bitmap.height) this.canvas.height = bitmap.height;
    this.context.clearRect(0, 0, bitmap.width, bitmap.height);
    this.context.drawImage(bitmap, 0, 0);
    this.frame = rest;
    this.root.dataset["stage"] = frame.stage;
    this.label(`Live result: ${String(frame.params["prompt"] || "no prompt")}`);
    if (this.root.hasAttribute("data-empty")) this.empty(false);
  }

  /** Show a film in place of the picture, until there is a newer one; null takes it away. */
  play(film: Film | null): void {
    if (this.player.src) URL.revokeObjectURL(this.player.src);
    this.player.removeAttribute("src");
    this.film = film;
    show(this.player, film !== null);
    if (!film) return;
    this.player.src = URL.createObjectURL(film.file);
    void this.player.play().catch(() => undefined); // with sound, a browser may want a click first
    this.empty(false);
  }

  clear(): void {
    this.frame = null;
    this.play(null);
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.label("Live result: nothing yet");
    this.empty(true);
  }

  /** Show that a final picture is being made, and how to call it off; null takes that away. */
  making(label: string | null, cancel: (() => void) | null = null): void {
    this.calledOff = cancel;
    this.doing.textContent = label;
    show(this.chip, label !== null);
    show(this.bar, label !== null);
    this.bar.removeAttribute("aria-valuenow"); // not known yet
  }

  /** Show how far a final picture or film is, and what there is to know meanwhile. */
  told({ step, steps, notes }: Progress, label: string): void {
    const [note] = notes;
    this.doing.textContent = note ? `${label} · ${note.message}` : label;
    if (steps > 0) this.progress(step / steps);
  }

  /** Show how far it is, 0..1. */
  progress(part: number): void {
    this.bar.style.setProperty("--part", `${part * 100}%`);
    this.bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
  }

  /** Return the shown picture as a PNG that carries its recipe, with these inputs; null where there is none. */
  async png(inputs: Record<string, Blob | null>, strokes: StrokeJson[] | null): Promise<Blob | null> {
    const { frame } = this;
    if (!frame) return null;
    const png = frame.mime === "image/png" ? frame.image : await this.pixels();
    const addresses: Record<string, string> = {};
    for (const [name, blob] of Object.entries(inputs)) if (blob) addresses[name] = await dataUri(blob);
    return withRecipe(png, frame, addresses, strokes);
  }

  /** Return the same before this returns; the inputs come as `data:` addresses. */
  pngNow(inputs: Record<string, string>, strokes: StrokeJson[] | null): Blob | null {
    const { frame } = this;
    const png = frame?.mime === "image/png" ? frame.image : bytesOf(this.canvas.toDataURL());
    return frame && png && withRecipe(png, frame, inputs, strokes);
  }

  private label(text: string): void {
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  private empty(empty: boolean): void {
    show(this.hint, empty);
    this.root.toggleAttribute("data-empty", empty);
  }

  private async pixels(): Promise<Uint8Array> {
    return new Uint8Array(await (await toBlob(this.canvas)).arrayBuffer());
  }
}

type Inputs = Record<string, string>;

function withRecipe(png: Uint8Array, frame: Shown, inputs: Inputs, strokes: StrokeJson[] | null): Blob {
  return new Blob([writeRecipe(png, recipeOf(frame, inputs, strokes))], { type: "image/png" });
}

/** The keys that every client of livedraft writes, and the drawing itself. */
function recipeOf(frame: Shown, inputs: Inputs, strokes: StrokeJson[] | null): Recipe {
  const { model, stage, seed, steps, params, data } = frame;
  return {
    livedraft: __VERSION__,
    model,
    stage,
    seed,
    steps,
    params,
    ...markOf(data["digital_source_type"]),
    ...(Object.keys(inputs).length ? { inputs } : {}),
    ...(strokes ? { strokes } : {}),
  };
}
