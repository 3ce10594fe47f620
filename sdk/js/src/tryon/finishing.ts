/** What is done with the picture in the end: made again at full size, saved, or forgotten with all that led to it. */

import { h } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { fill } from "../ui/words/tables.ts";
import { FORGET } from "./icons.ts";
import type { FileType } from "./saving.ts";
import type { Texts } from "./words/texts.ts";

export interface FinishEvents {
  finish(): void;
  save(type: FileType): void;
  forget(): void;
}

const TYPES: readonly FileType[] = ["png", "jpeg"];

export class Finishing {
  readonly root: HTMLElement;
  private readonly finish = h("button", { type: "button", class: "primary", part: "finish" });
  private readonly saves: HTMLButtonElement[];
  private readonly forget: HTMLButtonElement;

  constructor(texts: Texts, events: FinishEvents) {
    this.finish.append(
      icon("refine"),
      texts.span(({ actions }) => actions.finish),
    );
    texts.say(({ actions }) => (this.finish.title = actions.finishHint));
    this.finish.addEventListener("click", () => events.finish());
    this.saves = TYPES.map((type) => {
      const save = h("button", { type: "button", class: "quiet", onclick: () => events.save(type) }, icon("download"));
      save.append(texts.span(({ actions }) => fill(actions.download, { type: type.toUpperCase() })));
      return save;
    });
    this.forget = h("button", {
      type: "button",
      class: "quiet forget",
      part: "forget",
      onclick: () => events.forget(),
    });
    this.forget.append(
      icon(FORGET),
      texts.span(({ actions }) => actions.forget),
    );
    this.root = h("div", { class: "finishing" }, this.finish, h("div", { class: "row" }, ...this.saves, this.forget));
  }

  /** Offer what can be done: with a picture of something worn, and with a photo. */
  show(worn: boolean, photo: boolean, busy: boolean): void {
    this.finish.disabled = !worn || busy;
    this.finish.toggleAttribute("data-busy", busy);
    for (const save of this.saves) save.disabled = !worn;
    this.forget.disabled = !photo;
  }
}
