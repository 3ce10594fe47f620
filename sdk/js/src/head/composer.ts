/** What is to be said, typed: Enter speaks it, Escape stops what is being said. */

import { h, show } from "../ui/dom.ts";
import { choosing } from "../ui/files.ts";
import { icon } from "../ui/icons.ts";
import { FILE, SPEAK, STOP } from "./icons.ts";
import type { Texts } from "./words/words.ts";

export interface ComposerEvents {
  speak(text: string): void;
  stop(): void;
  file(file: Blob): void; // a sound to speak
}

export const MOST_CHARACTERS = 100_000;

export class Composer {
  readonly root: HTMLElement;
  private readonly field = h("textarea", { class: "prompt", rows: 1, maxlength: MOST_CHARACTERS, part: "text" });
  private readonly go: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly open: HTMLElement;

  constructor(
    texts: Texts,
    private readonly events: ComposerEvents,
  ) {
    const { field } = this;
    texts.name(field, ({ say }) => say.label);
    texts.say(({ say }) => (field.placeholder = say.hint));
    this.go = h("button", { type: "submit", class: "primary" }, icon(SPEAK));
    this.go.append(texts.span(({ say }) => say.speak));
    this.stop = h("button", { type: "button", class: "primary stop", onclick: () => events.stop() }, icon(STOP));
    this.stop.append(texts.span(({ say }) => say.stop));
    texts.say(({ say }) => (this.stop.title = say.stopHint));
    const choose = h("button", { type: "button", class: "tool" }, icon(FILE));
    texts.name(choose, ({ say }) => say.open, true);
    this.open = h(
      "span",
      {},
      choose,
      choosing(choose, (file) => events.file(file), { accept: "audio/*,video/mp4" }),
    );
    this.root = h("form", { class: "ask say", part: "say" }, field, this.open, this.stop, this.go);
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault(); // a new line; Shift+Enter makes one
      this.send();
    });
    field.addEventListener("input", () => this.grow());
    this.talks(false);
  }

  /** Offer what the model takes: text, and sound. */
  offer(text: boolean, sound: boolean): void {
    show(this.field, text);
    show(this.go, text);
    show(this.open, sound);
    show(this.root, text || sound);
  }

  /** Offer to stop while something is being said. */
  talks(on: boolean): void {
    const focused = (this.root.getRootNode() as Document | ShadowRoot).activeElement === this.stop;
    show(this.stop, on);
    if (!on && focused) this.field.focus(); // and not nowhere
  }

  private send(): void {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    this.field.value = "";
    this.grow();
    this.events.speak(text);
  }

  /** Be as high as the text, within what the style sheet allows. */
  private grow(): void {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }
}
