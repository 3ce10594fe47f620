/** What the model noted of the picture, with the tool that puts it right. */

import type { Note } from "../client/protocol.ts";
import { h, show } from "../ui/dom.ts";
import type { Tool } from "./stage/stage.ts";
import { notedOf } from "./telling.ts";
import type { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";

/** Where something is put right by hand. */
export type Place = Exclude<Tool, "none"> | "adjust";

/** By a note's code; none where only another photo helps. */
const WAYS: Readonly<Record<string, Place | null>> = {
  no_person: null,
  several_people: "people",
  back_view: null,
  side_view: null,
  person_small: null,
  too_dark: null,
  legs_unseen: null,
  arm_unseen: "joints",
  sleeves_removed: "adjust",
  hands_over_clothes: null,
  garment_unclear: "points",
  clothes_unseen: "brush",
};

/** Of a note that the table does not have, by its param. */
const PLACES: Readonly<Record<string, Place>> = {
  subject: "people",
  points: "points",
  joints: "joints",
  mask: "brush",
  sleeves: "adjust",
};
const NAMES: Record<Place, (words: Words) => string> = {
  people: ({ people }) => people.label,
  points: ({ points }) => points.label,
  joints: ({ points }) => points.body,
  brush: ({ brush }) => brush.label,
  adjust: ({ adjust }) => adjust.sleeves,
};

export class TryonNotes {
  readonly root = h("div", { class: "notes", role: "status", hidden: true, part: "notes" });
  private notes: readonly Note[] = [];
  private shown = "";

  constructor(
    private readonly texts: Texts,
    private readonly open: (place: Place) => void,
  ) {
    texts.say(() => this.write());
  }

  show(notes: readonly Note[]): void {
    this.notes = notes;
    const now = JSON.stringify(notes);
    if (now !== this.shown) this.write(); // or a screen reader says it with each picture
    this.shown = now;
  }

  private write(): void {
    const { words } = this.texts;
    this.root.replaceChildren(...this.notes.map((note) => this.made(note, words)));
    show(this.root, this.notes.length > 0);
  }

  private made(note: Note, words: Words): HTMLElement {
    const place = note.code in WAYS ? WAYS[note.code] : PLACES[note.param];
    const way =
      place && h("button", { type: "button", class: "choice", onclick: () => this.open(place) }, NAMES[place](words));
    return h("p", {}, h("span", {}, notedOf(note, words)), way ?? null);
  }
}
