/** The slider between before and after: dragged anywhere on the picture, or moved by keys. */

import { h } from "../../ui/dom.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Texts } from "../words/texts.ts";

export class Compare {
  readonly root: HTMLElement;
  private readonly input = h("input", { type: "range", min: 0, max: 100, step: 1, class: "divide" });

  /** `split` hears where the picture is divided, 0..1 from where lines of text begin. */
  constructor(
    private readonly texts: Texts,
    private readonly split: (part: number) => void,
  ) {
    this.root = h("div", { class: "compare" }, this.input, h("i", { class: "divider", "aria-hidden": "true" }));
    texts.name(this.input, ({ view }) => view.slider);
    this.input.addEventListener("input", () => this.show());
    this.input.value = "50";
    texts.say(() => this.show());
  }

  /** Begin in the middle again. */
  reset(): void {
    this.input.value = "50";
    this.show();
  }

  private show(): void {
    const percent = Math.round(this.input.valueAsNumber);
    this.input.setAttribute("aria-valuetext", fill(this.texts.words.view.part, { percent }));
    this.split(percent / 100);
  }
}
