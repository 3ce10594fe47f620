/** What is worn, with the way to buy it or to take it off again. */

import { button } from "../../ui/button.ts";
import { h, show } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Words } from "../words/words.ts";
import type { Garment } from "./garments.ts";

const BAG = { name: "bag", path: "M5.5 8h13l1 12h-15zM9 8V6.5a3 3 0 0 1 6 0V8" };

export interface CartActs {
  /** Put it into the cart; false where the page tells the visitor itself. */
  add(garment: Garment): boolean;
  remove(garment: Garment): void;
}

export class Cart {
  readonly root = h("section", { class: "cart", part: "cart", hidden: true });
  private readonly list = h("ul");
  private readonly said = h("p", { class: "unseen", role: "status" });
  private garments: readonly Garment[] = [];

  /** `sells` says whether garments can be bought here at all. */
  constructor(
    private readonly words: () => Words["cart"],
    private readonly acts: CartActs,
    private readonly sells: () => boolean,
  ) {
    this.root.append(this.list, this.said);
  }

  /** Show what is worn now. */
  show(garments: readonly Garment[]): void {
    const same = garments.length === this.garments.length && garments.every((each, i) => each === this.garments[i]);
    this.garments = garments;
    if (!same) this.reword(); // a button that was pressed keeps what it says
  }

  /** Write it anew, as after the language changed. */
  reword(): void {
    const words = this.words();
    this.root.setAttribute("aria-label", words.label);
    this.list.replaceChildren(...this.garments.map((each) => this.row(each, words)));
    this.said.textContent = "";
    show(this.root, this.garments.length > 0);
  }

  private row(garment: Garment, words: Words["cart"]): HTMLElement {
    const { title, price, url, image } = garment;
    const named = { garment: title };
    const link = { class: "quiet", href: url, "aria-label": fill(words.detailsNamed, named) };
    const add = h("button", { type: "button", class: "primary", "aria-label": fill(words.addNamed, named) });
    const text = h("span", {}, words.add);
    add.append(icon(BAG), text);
    add.addEventListener("click", () => {
      if (!this.acts.add(garment)) return;
      text.textContent = words.added;
      this.said.textContent = fill(words.addedNamed, named);
    });
    return h(
      "li",
      {},
      h("img", { src: image, alt: "" }),
      h("p", {}, h("strong", {}, title), price ? h("span", { class: "price" }, price) : null),
      h("span", { class: "buy" }, url ? h("a", link, words.details) : null, this.sells() ? add : null),
      button("close", fill(words.remove, named), () => this.acts.remove(garment)),
    );
  }
}
