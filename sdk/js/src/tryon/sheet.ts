/** The controls beside the picture; on a phone a sheet at the foot of the screen, with one part open at a time. */

import { h } from "../ui/dom.ts";
import type { Icon } from "../ui/icons.ts";
import { icon } from "../ui/icons.ts";
import type { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";

export type Part = "garments" | "adjust" | "save";

export interface PartContent {
  icon: Icon;
  name: (words: Words) => string;
  content: HTMLElement[];
}

export class Sheet {
  readonly root = h("div", { class: "sheet", part: "controls" });
  private readonly tabs = new Map<Part, HTMLButtonElement>();
  private open: Part | null = "garments";

  constructor(texts: Texts, parts: Record<Part, PartContent>) {
    const panels: HTMLElement[] = [];
    for (const [name, { icon: sign, name: of, content }] of Object.entries(parts) as [Part, PartContent][]) {
      const panel = h("div", { class: "part", id: `part-${name}`, role: "group", "data-part": name }, ...content);
      texts.name(panel, of);
      panels.push(panel);
      const tab = h(
        "button",
        { type: "button", class: "tab", "aria-controls": `part-${name}` },
        icon(sign),
        texts.span(of),
      );
      tab.addEventListener("click", () => this.show(this.open === name ? null : name));
      this.tabs.set(name, tab);
    }
    this.root.append(h("div", { class: "parts" }, ...panels), h("div", { class: "tabs" }, ...this.tabs.values()));
    this.show("garments");
  }

  /** Open a part, where only one is to be seen; null closes it. */
  show(part: Part | null): void {
    this.open = part;
    this.root.dataset["open"] = part ?? "";
    for (const [name, tab] of this.tabs) tab.setAttribute("aria-expanded", String(name === part));
  }
}
