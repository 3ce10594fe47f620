/** What the server tells of a picture beside the prompt: words it does not know, what it drew instead. */

import type { Note } from "../client/protocol.ts";
import { h, show } from "./dom.ts";

export class Notes {
  readonly root = h("div", { class: "notes", role: "status", hidden: true, part: "notes" });
  private shown = "";

  /** `choose` hears a value of a param that the user takes instead. */
  constructor(private readonly choose: (param: string, value: string) => void) {}

  /** Show what a picture came with. */
  show(notes: readonly Note[]): void {
    const now = JSON.stringify(notes);
    if (now === this.shown) return;
    this.shown = now;
    this.root.replaceChildren(...notes.map((note) => this.made(note)));
    show(this.root, notes.length > 0);
  }

  private made({ message, param, choices }: Note): HTMLElement {
    const offers = choices.map((choice) =>
      h("button", { type: "button", class: "choice", onclick: () => this.choose(param, choice) }, choice),
    );
    return h("p", {}, h("span", {}, message), ...offers);
  }
}
