/** What a visitor is told before the first photo or camera: what happens with the picture, and where it goes. */

import { serverOf } from "../../client/address.ts";
import { h, show } from "../../ui/dom.ts";
import { Question, whereTo } from "../../ui/question.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Words } from "../words/words.ts";

/** `notice` and `notice-reason`, as the tag says them; the latter is why there is no notice. */
export interface NoticeSettings {
  text: string | null;
  reason: string | null;
}

/** The servers whose notice was read, for all elements of a page: until it is left, or they forget the visitor. */
const read = new WeakMap<Document, Set<string>>();

/**
 * Stands before the first picture. A page says it in its own words by the attribute `notice`, by elements
 * in the slot `notice` or by its table of words; blank ones of these count for nothing. Only
 * `notice="none"` with a `notice-reason` takes it away, as where the page has told the visitor itself.
 */
export class UploadNotice {
  private readonly text = h("p");
  private readonly slotted = h("slot", { name: "notice" });
  private readonly where = h("p", { class: "where" });
  private readonly question = new Question([this.text, this.slotted, this.where]);
  private settings: NoticeSettings = { text: null, reason: null };
  private server = "";

  constructor(private readonly words: () => Words) {
    this.slotted.addEventListener("slotchange", () => this.reword());
    this.reword();
  }

  get root(): HTMLElement {
    return this.question.root;
  }

  /** Take what the tag says. */
  set(settings: NoticeSettings): void {
    this.settings = settings;
    if (none(settings.text) && !settings.reason?.trim())
      console.warn('livedraft: notice="none" needs notice-reason="…", why visitors are not told; they are until then');
    this.reword();
  }

  /** Say which server the pictures go to. */
  connect(url: string): void {
    this.server = serverOf(url);
    this.reword();
  }

  /** Whether it does not have to be shown any more, or at all. */
  get settled(): boolean {
    const { text, reason } = this.settings;
    return (none(text) && Boolean(reason?.trim())) || Boolean(read.get(document)?.has(this.server));
  }

  /** Return whether the visitor agreed, after showing the notice where that has not happened yet. */
  async ask(): Promise<boolean> {
    if (this.settled) return true;
    const answer = this.question.ask();
    this.reword(); // slotted elements are laid out only now
    const agreed = await answer;
    // The server is the one that was named last: who asks at once, as a kiosk does, asks before it is known.
    if (agreed) read.set(document, (read.get(document) ?? new Set()).add(this.server));
    return agreed;
  }

  /** Show it again before the next picture: who comes next may be somebody else. */
  forget(): void {
    read.get(document)?.delete(this.server);
    this.question.close(false);
  }

  /** Write it anew, as after the language changed. */
  reword(): void {
    const { notice: words, actions } = this.words();
    const own = none(this.settings.text) ? "" : this.settings.text?.trim();
    const slotted = this.slotted.assignedElements?.().some(seen) ?? false;
    this.text.textContent = own || fill(words.text, { forget: actions.forget });
    show(this.text, !slotted);
    show(this.slotted, slotted);
    this.where.textContent = whereTo({ ...words, own: words.shop }, this.server, document.baseURI);
    this.question.say(words);
  }
}

function none(text: string | null): boolean {
  return text?.trim().toLowerCase() === "none";
}

/** Whether an element says anything: one that is empty or hidden does not. */
function seen(element: Element): boolean {
  return Boolean(element.textContent?.trim()) && !element.hasAttribute("hidden");
}
