/** Who speaks: the avatars in a strip, and a portrait of the user's own. */

import { along, h, show, words as spoken } from "../../ui/dom.ts";
import { choosing } from "../../ui/files.ts";
import { icon } from "../../ui/icons.ts";
import { FACE, PORTRAIT } from "../icons.ts";
import type { Texts } from "../words/words.ts";

export interface FaceEvents {
  avatar(id: string): void;
  portrait(file: Blob): void;
}

/** What a model says of an avatar. */
export interface Avatar {
  id: string; // empty: the model chooses
  picture: string; // its address, empty: none
}

const OWN = "\0own"; // in place of an avatar's id

export class Faces {
  readonly root: HTMLElement;
  private readonly strip = h("div", { class: "strip", role: "radiogroup", part: "avatars" });
  private readonly add: HTMLButtonElement;
  private readonly adding: HTMLElement;
  private readonly label = h("span");
  private tiles: HTMLButtonElement[] = [];
  private chosen = "";
  private avatars: readonly Avatar[] = [];
  private own = ""; // the address of the portrait's thumbnail

  constructor(
    private readonly texts: Texts,
    private readonly events: FaceEvents,
  ) {
    texts.name(this.strip, ({ faces }) => faces.label);
    this.strip.addEventListener("keydown", (event) => this.step(event));
    this.add = h("button", { type: "button", class: "quiet add" }, icon(PORTRAIT), this.label);
    texts.say(({ faces }) => (this.add.title = faces.hint));
    this.adding = h(
      "span",
      {},
      this.add,
      choosing(this.add, (file) => events.portrait(file)),
    );
    this.root = h("div", { class: "faces" }, this.strip, this.adding);
    texts.say(() => this.draw());
  }

  /** List what the model has, and whether it takes portraits. */
  offer(avatars: readonly Avatar[], portraits: boolean): void {
    this.avatars = avatars;
    show(this.adding, portraits);
    show(this.root, avatars.length > 0 || portraits);
    this.draw();
  }

  /** Show which avatar it is. */
  avatar(id: string): void {
    this.chosen = id;
    this.mark();
  }

  /** Show the portrait that speaks in place of any avatar; empty: none. */
  portrait(thumbnail: string): void {
    this.own = thumbnail;
    this.draw();
  }

  private get current(): string {
    return this.own ? OWN : this.chosen;
  }

  private draw(): void {
    const { faces } = this.texts.words;
    const own = this.own ? [{ id: OWN, picture: this.own }] : [];
    this.tiles = [...own, ...this.avatars].map(({ id, picture }) => {
      const name = id === OWN ? faces.portrait : spoken(id) || faces.usual;
      const shown = picture ? h("img", { src: picture, alt: "", draggable: "false" }) : icon(FACE);
      const tile = h("button", { type: "button", role: "radio", class: "face", title: name, "aria-label": name });
      tile.dataset["id"] = id;
      tile.append(shown);
      tile.addEventListener("click", () => this.pick(id));
      return tile;
    });
    this.strip.replaceChildren(...this.tiles);
    show(this.strip, this.tiles.length > 0);
    this.label.textContent = this.own ? faces.another : faces.own;
    this.mark();
  }

  private pick(id: string): void {
    if (id !== OWN) this.events.avatar(id);
  }

  private mark(): void {
    const { current } = this;
    this.tiles.forEach((tile, i) => {
      const chosen = tile.dataset["id"] === current;
      tile.setAttribute("aria-checked", String(chosen));
      const none = i === 0 && !this.tiles.some((each) => each.dataset["id"] === current);
      tile.tabIndex = chosen || none ? 0 : -1;
    });
  }

  private step(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? along(event.key, this.strip);
    const from = this.tiles.indexOf(event.target as HTMLButtonElement);
    if (!step || from < 0) return;
    event.preventDefault();
    const to = (from + step + this.tiles.length) % this.tiles.length;
    this.tiles[to]?.focus();
    this.pick(this.tiles[to]?.dataset["id"] ?? OWN);
  }
}
