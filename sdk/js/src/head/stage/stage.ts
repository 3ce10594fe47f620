/** Where the head is seen: its picture, what is said of it before there is one, captions, and the way to its sound. */

import type { Picture } from "../../media/decoder.ts";
import { h, show } from "../../ui/dom.ts";
import { receive } from "../../ui/files.ts";
import { icon } from "../../ui/icons.ts";
import { SOUND } from "../icons.ts";
import type { TalkState } from "../talk.ts";
import type { Texts, Words } from "../words/words.ts";
import { Captions } from "./captions.ts";

export interface StageEvents {
  open(file: Blob): void; // that was dropped
  hear(): void;
}

export class Stage {
  readonly root: HTMLElement;
  readonly canvas = h("canvas", { class: "picture", role: "img", width: 512, height: 512 });
  readonly captions = new Captions();
  private readonly context = this.canvas.getContext("2d")!;
  private readonly veil = h("p", { class: "veil" });
  private readonly tap: HTMLButtonElement;
  private readonly chip = h("span", { class: "chip", "aria-hidden": "true" });
  private talking: TalkState = "idle";
  private empty = true;

  /** What is pasted within `around` comes in, too. */
  constructor(
    private readonly texts: Texts,
    around: HTMLElement,
    events: StageEvents,
  ) {
    this.tap = h("button", { type: "button", class: "tap", part: "tap", onclick: () => events.hear() });
    const hear = texts.span(({ stage }) => stage.hear);
    const hint = texts.span(({ stage }) => stage.hearHint, { class: "hint-line" });
    this.tap.append(h("span", {}, icon(SOUND), h("span", { class: "words" }, h("strong", {}, hear), hint)));
    const drop = texts.span(({ stage }) => stage.release, { class: "release", "aria-hidden": "true" });
    const { captions } = this;
    this.root = h(
      "div",
      { class: "pane stage", part: "stage" },
      this.canvas,
      this.chip,
      this.veil,
      captions.root,
      this.tap,
      drop,
      captions.said,
    );
    receive(this.root, around, (file) => events.open(file));
    this.listens(false);
    this.silent(false);
    texts.say(() => this.name());
  }

  /** Paint the newest picture. */
  paint(picture: Picture | ImageBitmap): void {
    const [width, height] = "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : sizeOf(picture);
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      this.root.style.setProperty("--aspect", `${width / height}`);
    }
    this.context.drawImage(picture, 0, 0, width, height);
    if (!this.empty) return;
    this.empty = false;
    this.name();
  }

  /** There is no picture any more. */
  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.empty = true;
    this.name();
  }

  /** Say in the picture's place, or over it, what is missing; empty: nothing is. */
  miss(text: string, busy: boolean): void {
    if (this.veil.textContent !== text) this.veil.textContent = text;
    show(this.veil, text !== "");
    this.veil.toggleAttribute("data-busy", busy);
    this.root.toggleAttribute("data-missing", text !== "");
  }

  /** Show what the head does. */
  does(state: TalkState): void {
    this.talking = state;
    this.root.dataset["talk"] = state;
    if (state === "idle") this.captions.ended();
    this.name();
  }

  /** Offer to have it heard, since browsers want to be tapped before. */
  silent(silent: boolean): void {
    show(this.tap, silent);
  }

  /** Whether somebody is being listened to, and how loud, 0..1. */
  listens(on: boolean): void {
    this.root.toggleAttribute("data-listens", on);
    if (!on) this.level(0);
  }

  level(level: number): void {
    this.root.style.setProperty("--level", Math.min(1, level * 5).toFixed(2));
  }

  private name(): void {
    const { stage, state }: Words = this.texts.words;
    this.canvas.setAttribute("aria-label", this.empty ? stage.empty : stage[this.talking]);
    this.chip.textContent = this.empty ? "" : state[this.talking];
  }
}

function sizeOf({ width, height }: ImageBitmap): [number, number] {
  return [width, height];
}
