/** Who of several people in a photo wears the garment. */

import { h } from "../../ui/dom.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Box, Place } from "../measured.ts";
import type { Texts } from "../words/texts.ts";

export class People {
  readonly root = h("div", { class: "people", role: "group" });
  private boxes: readonly Box[] = [];
  private drawn = "";

  /** `choose` hears the middle of the one that is taken, 0..1 of the photo's sides. */
  constructor(
    private readonly texts: Texts,
    private readonly choose: (subject: Place) => void,
  ) {
    texts.name(this.root, ({ people }) => people.label);
    texts.say(() => this.draw(true));
  }

  get several(): boolean {
    return this.boxes.length > 1;
  }

  /** Take who is there, from the left to the right. */
  there(boxes: readonly Box[]): void {
    this.boxes = [...boxes].sort((a, b) => a[0] + a[2] - b[0] - b[2]);
    this.draw(false);
  }

  private draw(anew: boolean): void {
    const drawn = JSON.stringify(this.boxes);
    if (!anew && drawn === this.drawn) return; // a button that has the focus keeps it
    this.drawn = drawn;
    const count = this.boxes.length;
    const buttons = this.boxes.map(([left, top, right, bottom], i) =>
      h("button", {
        type: "button",
        class: "person",
        "aria-label": fill(this.texts.words.people.person, { number: i + 1, count }),
        style: {
          left: `${left * 100}%`,
          top: `${top * 100}%`,
          width: `${(right - left) * 100}%`,
          height: `${(bottom - top) * 100}%`,
        },
        onclick: () => this.choose([(left + right) / 2, (top + bottom) / 2]),
      }),
    );
    this.root.replaceChildren(...buttons);
  }
}
