/** The garment's picture with its points, where they can be put right by hand. */

import { h, show } from "../../ui/dom.ts";
import type { Places } from "../measured.ts";
import type { Texts } from "../words/texts.ts";
import { Dots } from "./dots.ts";

export class GarmentPoints {
  readonly root: HTMLElement;
  readonly dots: Dots;
  private readonly picture = h("img", { alt: "", draggable: "false" });
  private readonly none: HTMLElement;
  private image = "";

  constructor(texts: Texts, move: (moved: Places) => void) {
    this.dots = new Dots(texts, move);
    texts.name(this.dots.root, ({ points }) => points.label);
    this.none = h(
      "p",
      { class: "none" },
      texts.span(({ points }) => points.none),
    );
    this.root = h("div", { class: "garment" }, h("div", { class: "cloth" }, this.picture, this.dots.root), this.none);
    this.picture.addEventListener("load", () => {
      const { naturalWidth, naturalHeight } = this.picture;
      this.root.style.setProperty("--cloth", String(naturalWidth / naturalHeight));
    });
    this.show({});
  }

  /** Show another garment, with no points yet. */
  wear(image: string): void {
    if (image === this.image) return;
    this.image = image;
    if (image) this.picture.src = image;
    else this.picture.removeAttribute("src");
    this.dots.reset();
    this.show({});
  }

  /** Show where the model has its points. */
  show(points: Places): void {
    this.dots.show(points);
    show(this.none, this.dots.empty);
  }
}
