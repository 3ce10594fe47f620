/** The strip of kept pictures; each brings back its params and drawing. */

import type { Params } from "../client/protocol.ts";
import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import type { Operation } from "./drawing.ts";

export interface Entry {
  image: Blob; // PNG with its recipe
  params: Params;
  model: string; // that made it
  operations: readonly Operation[];
  base: Blob | null;
}

const MOST = 24;

/** By state key, so that a component that is taken out and put back still has its pictures. */
const kept = new Map<string, Entry[]>();

export class History {
  readonly root: HTMLElement;
  private readonly list = h("ul", { class: "kept" });
  private readonly keepButton: HTMLButtonElement;
  private readonly saveButton: HTMLButtonElement;
  private addresses: string[] = [];
  private entries: Entry[] = [];

  constructor(
    private readonly use: (entry: Entry) => void,
    keep: () => void,
    save: () => void,
  ) {
    this.keepButton = button("keep", "Keep this picture", keep);
    this.saveButton = button("download", "Download as PNG with its recipe", save);
    this.root = h(
      "div",
      { class: "strip", role: "group", "aria-label": "Kept pictures" },
      this.keepButton,
      this.saveButton,
      this.list,
      h("p", { class: "none" }, "Kept pictures appear here; a click brings back drawing and settings."),
    );
    this.draw();
  }

  open(key: string): void {
    this.entries = kept.get(key) ?? [];
    kept.set(key, this.entries);
    this.draw();
  }

  add(entry: Entry): void {
    this.entries.unshift(entry);
    this.entries.length = Math.min(this.entries.length, MOST);
    this.draw();
  }

  /** Say whether there is a picture to keep, and whether one can be saved. */
  allow(keep: boolean, save: boolean): void {
    this.keepButton.disabled = !keep;
    this.saveButton.disabled = !save;
  }

  /** Free the pictures' addresses. */
  close(): void {
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
    this.addresses = [];
  }

  private draw(): void {
    this.close();
    this.list.replaceChildren(
      ...this.entries.map((entry) => {
        const address = URL.createObjectURL(entry.image);
        this.addresses.push(address);
        const { prompt, seed } = entry.params;
        const about = [seed === undefined ? "" : `seed ${String(seed)}`, entry.model && `made by ${entry.model}`];
        const label = `Bring back: ${[prompt || "no prompt", ...about].filter(Boolean).join(", ")}`;
        return h(
          "li",
          {},
          h(
            "button",
            { type: "button", "aria-label": label, title: label, onclick: () => this.use(entry) },
            h("img", { src: address, alt: "" }),
          ),
        );
      }),
    );
    this.root.toggleAttribute("data-empty", this.entries.length === 0);
    show(this.list, this.entries.length > 0);
  }
}
