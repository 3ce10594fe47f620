/** Captions: the words that have been heard, a line or two of them; a screen reader gets whole sentences. */

import { h, show } from "../../ui/dom.ts";
import type { Word } from "../talk.ts";

const MOST = 84; // signs at a time, two lines of 42 as subtitles have
const BREAK_US = 2_000_000; // of silence, after which a new line begins
const ENDS = /[.!?…。！？؟]["'”’»)]*$/u;

export class Captions {
  readonly root = h("p", { class: "captions", "aria-hidden": "true", part: "captions" });
  /** What a screen reader says, politely. */
  readonly said = h("p", { class: "unseen", role: "log", "aria-live": "polite" });
  private shown: Word[] = [];
  private sentence: string[] = [];
  private on = true;

  constructor() {
    this.draw();
  }

  /** Show them or not; they are read out all the same. */
  turn(on: boolean): void {
    this.on = on;
    this.draw();
  }

  /** A word is heard now. */
  word(word: Word): void {
    const last = this.shown.at(-1);
    const ended = last && (ENDS.test(last.text) || word.at - last.until > BREAK_US);
    const length = this.shown.reduce((sum, each) => sum + each.text.length + 1, word.text.length);
    if (length > MOST || (ended && length > MOST / 2)) this.shown = [];
    this.shown.push(word);
    this.sentence.push(word.text);
    if (ENDS.test(word.text)) this.tell();
    this.draw();
  }

  /** Nothing is being said any more; what was not read out yet is. */
  ended(): void {
    this.tell();
    this.shown = [];
    this.draw();
  }

  private tell(): void {
    if (this.sentence.length) this.said.textContent = joined(this.sentence);
    this.sentence = [];
  }

  private draw(): void {
    this.root.textContent = joined(this.shown.map((word) => word.text));
    show(this.root, this.on && this.shown.length > 0);
  }
}

/** Put words together: with spaces, but for scripts that have none. */
function joined(words: readonly string[]): string {
  const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;
  return words.reduce((text, word) => text + (text && !spaceless.test(text) ? " " : "") + word, "");
}
