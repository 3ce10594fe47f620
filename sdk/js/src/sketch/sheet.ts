/** The pane with the paper: the hint on an empty one, and what a screen reader is told of it. */

import { h } from "../ui/dom.ts";

export class Sheet {
  readonly root: HTMLElement;
  readonly cursor = h("span", { class: "cursor", hidden: true }); // of the keyboard

  constructor(
    private readonly canvas: HTMLCanvasElement,
    corners: readonly HTMLElement[],
    mask: HTMLCanvasElement | null = null,
  ) {
    const hint = h(
      "p",
      { class: "hint" },
      h("strong", {}, "Draw here"),
      h("span", { class: "mouse" }, "or drop a picture"),
      h("span", { class: "touch" }, "or open a picture"),
    );
    this.root = h("div", { class: "pane sheet", part: "sheet" }, canvas, mask, ...corners, hint, this.cursor);
  }

  show(drawn: boolean, strokes: number, masked = false): void {
    this.root.toggleAttribute("data-empty", !drawn);
    this.canvas.setAttribute(
      "aria-label",
      drawn
        ? `Drawing of ${strokes} strokes${masked ? ", partly masked" : ""}. Arrow keys move, Space draws.`
        : "Empty drawing. Draw with the pointer; or arrow keys move, Space draws.",
    );
  }
}
