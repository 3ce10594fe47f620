/** The strip of garments: searched, filtered by kind, and chosen from by pointer or keys. */

import { button } from "../../ui/button.ts";
import { along, h, show } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Words } from "../words/words.ts";
import type { Category, Garment } from "./garments.ts";
import { Search } from "./search.ts";
import { Tile } from "./tile.ts";

const LENS = { name: "lens", path: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3L20 20" };
const KINDS = ["upper", "lower", "dress"] as const;
const AHEAD = "0px 100%"; // pictures load one width of the strip before they are seen

export class Catalogue {
  readonly root: HTMLElement;
  private readonly field = h("input", {
    type: "search",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
  });
  private readonly clear = button("close", "", () => this.type(""));
  private readonly chips = h("div", { class: "kinds", role: "group" });
  private readonly list = h("ul", {
    class: "strip",
    role: "listbox",
    "aria-orientation": "horizontal",
    part: "garments",
  });
  private readonly empty = h("p", { class: "none" });
  private readonly count = h("p", { class: "unseen", role: "status" });
  private readonly back = button("left", "", () => this.scroll(-1));
  private readonly on = button("right", "", () => this.scroll(1));
  private readonly near: IntersectionObserver;
  private readonly tiles = new Map<Element, Tile>();
  private search = new Search([], () => "");
  private kind: Category = "auto"; // auto: all
  private found: Tile[] = [];

  /** `choose` hears which garment a visitor takes, or takes off again. */
  constructor(
    private readonly words: () => Words["catalogue"],
    private readonly choose: (garment: Garment) => void,
  ) {
    this.list.setAttribute("aria-multiselectable", "true"); // an outfit has two
    const find = h("label", { class: "find" }, icon(LENS), this.field, this.clear);
    const rail = h("div", { class: "rail" }, this.back, this.list, this.on);
    for (const each of [this.back, this.on]) {
      each.tabIndex = -1; // for a mouse alone: keys move along the garments themselves
      each.setAttribute("aria-hidden", "true");
    }
    this.root = h(
      "section",
      { class: "catalogue", part: "catalogue" },
      h("div", { class: "narrow" }, find, this.chips),
      rail,
      this.empty,
      this.count,
    );
    this.near = new IntersectionObserver((entries) => this.approached(entries), { root: this.list, rootMargin: AHEAD });
    new ResizeObserver(() => this.edges()).observe(this.list);
    this.list.addEventListener("scroll", () => this.edges(), { passive: true });
    this.list.addEventListener("click", (event) => this.pressed(this.tileOf(event.target)));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.narrow());
    this.field.addEventListener("keydown", (event) => this.searchKey(event));
    this.offer([]);
  }

  /** Show these garments in place of any others. */
  offer(garments: readonly Garment[]): void {
    this.near.disconnect();
    this.tiles.clear();
    this.kind = "auto";
    this.field.value = "";
    for (const garment of garments) {
      const tile = new Tile(garment);
      this.tiles.set(tile.root, tile);
      this.near.observe(tile.root);
    }
    this.list.replaceChildren(...this.tiles.keys());
    this.reword();
  }

  /** Mark what is worn, and bring what is new of it into sight. */
  worn(skus: readonly string[]): void {
    for (const tile of this.tiles.values()) {
      const worn = skus.includes(tile.garment.sku);
      const isNew = worn && !tile.isWorn;
      tile.worn(worn);
      if (isNew && !tile.root.hidden) this.reveal(tile.root);
    }
  }

  /** Write all anew, as after the language changed. */
  reword(): void {
    const words = this.words();
    const all = [...this.tiles.values()];
    this.root.setAttribute("aria-label", words.label);
    this.list.setAttribute("aria-label", words.label);
    this.chips.setAttribute("aria-label", words.label);
    this.field.setAttribute("aria-label", words.search);
    this.field.setAttribute("placeholder", words.search);
    label(this.clear, words.clear);
    label(this.back, words.previous);
    label(this.on, words.next);
    for (const tile of all) tile.say(words.broken);
    this.search = new Search(
      all.map(({ garment }) => garment),
      (category) => (category === "auto" ? "" : words[category]),
    );
    this.offerKinds(words);
    this.narrow(false);
  }

  /** Show what is found of the kind that is chosen; say how many, once somebody searched. */
  private narrow(aloud = true): void {
    const words = this.words();
    const typed = this.field.value.trim();
    const hits = this.search.find(typed);
    const all = [...this.tiles.values()];
    this.found = all.filter(({ garment }, i) => hits[i] && (this.kind === "auto" || garment.category === this.kind));
    const shown = new Set(this.found);
    for (const tile of all) show(tile.root, shown.has(tile));
    this.stop(this.found.find((tile) => tile.root.tabIndex === 0) ?? this.found[0]);
    show(this.clear, typed !== "");
    show(this.empty, this.found.length === 0);
    this.empty.textContent = all.length
      ? fill(words.nothing, { text: typed || words[kindOf(this.kind)] })
      : words.empty;
    this.count.textContent = aloud ? fill(words.found, { count: this.found.length }) : "";
    if (aloud) this.list.scrollTo?.({ left: 0 });
    this.edges();
  }

  /** Offer the kinds there are, where there are several. */
  private offerKinds(words: Words["catalogue"]): void {
    const there = KINDS.filter((kind) => [...this.tiles.values()].some(({ garment }) => garment.category === kind));
    const offers = there.length > 1 ? (["auto", ...there] as const) : [];
    this.chips.replaceChildren(
      ...offers.map((kind) =>
        h(
          "button",
          { type: "button", class: "chip", "aria-pressed": kind === this.kind, onclick: () => this.only(kind) },
          words[kindOf(kind)],
        ),
      ),
    );
    for (const chip of this.chips.children)
      chip.setAttribute("aria-pressed", String(chip.hasAttribute("aria-pressed")));
    show(this.chips, offers.length > 0);
  }

  private only(kind: Category): void {
    this.kind = kind;
    const pressed = this.words()[kindOf(kind)];
    for (const chip of this.chips.children) chip.setAttribute("aria-pressed", String(chip.textContent === pressed));
    this.narrow();
  }

  private type(text: string): void {
    this.field.value = text;
    this.field.focus();
    this.narrow();
  }

  private pressed(tile: Tile | undefined): void {
    if (!tile) return;
    this.stop(tile);
    if (tile.isBroken) tile.load();
    else this.choose(tile.garment);
  }

  private key(event: KeyboardEvent): void {
    const at = this.found.findIndex(({ root }) => root === event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.pressed(this.found[at]);
    else {
      const step = along(event.key, this.list);
      const ends = { Home: 0, End: this.found.length - 1 }[event.key];
      const to = this.found[ends ?? at + step];
      if (ends === undefined && !step) return;
      if (to) this.focus(to);
    }
    event.preventDefault();
  }

  /** Down leads from the search to what was found, and Escape empties it first. */
  private searchKey(event: KeyboardEvent): void {
    const stop = this.found.find(({ root }) => root.tabIndex === 0);
    if (event.key === "ArrowDown" && stop) this.focus(stop);
    else if (event.key === "Escape" && this.field.value) {
      this.type("");
      event.stopPropagation(); // a dialog around the element stays open
    } else return;
    event.preventDefault();
  }

  private focus(tile: Tile): void {
    this.stop(tile);
    tile.root.focus();
  }

  /** Have Tab lead to this one of the garments. */
  private stop(tile: Tile | undefined): void {
    for (const each of this.tiles.values()) if (each.root.tabIndex === 0) each.root.tabIndex = -1;
    if (tile) tile.root.tabIndex = 0;
  }

  private tileOf(target: EventTarget | null): Tile | undefined {
    const option = (target as Element | null)?.closest?.("[role=option]");
    return option ? this.tiles.get(option) : undefined;
  }

  private approached(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.near.unobserve(target);
      this.tiles.get(target)?.load();
    }
  }

  private scroll(pages: number): void {
    const towards = getComputedStyle(this.list).direction === "rtl" ? -pages : pages;
    this.list.scrollBy({ left: towards * this.list.clientWidth * 0.8, behavior: "smooth" });
  }

  /** Move the strip, and nothing around it, so that a garment is seen. */
  private reveal(tile: HTMLElement): void {
    const [strip, box] = [this.list.getBoundingClientRect(), tile.getBoundingClientRect()];
    if (box.left >= strip.left && box.right <= strip.right) return;
    this.list.scrollBy({ left: (box.left + box.right - strip.left - strip.right) / 2 });
  }

  /** Offer to go on where there is more, to either side. */
  private edges(): void {
    const { scrollLeft, scrollWidth, clientWidth } = this.list;
    const at = Math.abs(scrollLeft); // it counts down from 0 where text runs right to left
    this.back.disabled = at < 2;
    this.on.disabled = at + clientWidth > scrollWidth - 2;
    this.root.toggleAttribute("data-all-seen", scrollWidth <= clientWidth + 2);
  }
}

function kindOf(category: Category): "all" | "upper" | "lower" | "dress" {
  return category === "auto" ? "all" : category;
}

function label(button: HTMLElement, text: string): void {
  button.setAttribute("aria-label", text);
  button.title = text;
}
