/** The slider between before and after: dragged anywhere on the picture, or moved by keys. */

import { h } from "./dom.ts";

export class Compare {
  readonly root: HTMLElement;
  readonly input = h("input", { type: "range", min: 0, max: 100, step: 1, class: "divide" });

  /**
   * `said` returns how much of the before is seen, in words; `split` hears where the picture is divided,
   * 0..1 from where lines of text begin.
   */
  constructor(
    private readonly said: (percent: number) => string,
    private readonly split: (part: number) => void,
  ) {
    this.root = h("div", { class: "compare" }, this.input, h("i", { class: "divider", "aria-hidden": "true" }));
    this.input.addEventListener("input", () => this.show());
    this.input.value = "50";
  }

  /** Begin in the middle again. */
  reset(): void {
    this.input.value = "50";
    this.show();
  }

  /** Tell where it is divided, also in new words. */
  show(): void {
    const percent = Math.round(this.input.valueAsNumber);
    this.input.setAttribute("aria-valuetext", this.said(percent));
    this.split(percent / 100);
  }
}
