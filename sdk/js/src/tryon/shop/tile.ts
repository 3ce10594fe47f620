/** One garment of the catalogue: its picture, once it is near, and what it is. */

import { h } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import type { Garment } from "./garments.ts";

const HANGER = {
  name: "hanger",
  path: "M9.5 6.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1 1-1.1 1.8v.5L3.6 17a1.2 1.2 0 0 0 .7 2.2h15.4a1.2 1.2 0 0 0 .7-2.2L12 11",
};

export class Tile {
  readonly root: HTMLElement;
  private readonly picture = h("img", { alt: "", decoding: "async", loading: "lazy", draggable: "false" });
  private readonly broken = h("span", { class: "broken" });

  constructor(readonly garment: Garment) {
    const { sku, title, price } = garment;
    const done = h("span", { class: "worn" }, icon("done"));
    this.root = h(
      "li",
      { role: "option", class: "tile", tabindex: -1, "aria-selected": "false", "data-sku": sku, title },
      h("span", { class: "frame" }, icon(HANGER), this.picture, done),
      h("span", { class: "what" }, title),
      price ? h("span", { class: "price" }, price) : null,
    );
    this.picture.addEventListener("load", () => this.root.setAttribute("data-loaded", ""));
    this.picture.addEventListener("error", () => {
      this.root.setAttribute("data-broken", "");
      this.root.append(this.broken);
    });
  }

  get isBroken(): boolean {
    return this.root.hasAttribute("data-broken");
  }

  get isWorn(): boolean {
    return this.root.getAttribute("aria-selected") === "true";
  }

  /** Load the picture; again, where it could not be had. */
  load(): void {
    if (this.picture.hasAttribute("src") && !this.isBroken) return;
    this.root.removeAttribute("data-broken");
    this.broken.remove();
    this.picture.setAttribute("src", this.garment.image);
  }

  worn(on: boolean): void {
    this.root.setAttribute("aria-selected", String(on));
  }

  say(broken: string): void {
    this.broken.textContent = broken;
  }
}
