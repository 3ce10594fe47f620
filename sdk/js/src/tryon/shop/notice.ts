/** What a visitor is told before the first photo or camera: what happens with the picture, and where it goes. */

import { serverOf } from "../../client/address.ts";
import { h, show } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import type { Words } from "../words/words.ts";
import { fill } from "../words/words.ts";

/** `notice` and `notice-reason`, as the tag says them; the latter is why there is no notice. */
export interface NoticeSettings {
  text: string | null;
  reason: string | null;
}

const SHIELD = {
  name: "shield",
  path: "M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6zM9 12l2.2 2.2L15.5 10",
};
const LOCAL = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The servers whose notice was read, for all elements of a page: until it is left, or they forget the visitor. */
const read = new WeakMap<Document, Set<string>>();

/**
 * Stands before the first picture. A page says it in its own words by the attribute `notice`, by elements
 * in the slot `notice` or by its table of words; blank ones of these count for nothing. Only
 * `notice="none"` with a `notice-reason` takes it away, as where the page has told the visitor itself.
 */
export class UploadNotice {
  readonly root: HTMLElement;
  private readonly title = h("strong", { id: "notice-title" });
  private readonly text = h("p");
  private readonly slotted = h("slot", { name: "notice" });
  private readonly where = h("p", { class: "where" });
  private readonly agree: HTMLButtonElement;
  private readonly cancel: HTMLButtonElement;
  private answer: ((agreed: boolean) => void) | null = null;
  private settings: NoticeSettings = { text: null, reason: null };
  private server = "";

  constructor(private readonly words: () => Words) {
    this.agree = h("button", { type: "button", class: "primary", onclick: () => this.close(true) });
    this.cancel = h("button", { type: "button", class: "quiet", onclick: () => this.close(false) });
    const said = { class: "said", id: "notice-said" };
    this.root = h(
      "section",
      { class: "before", role: "alertdialog", part: "notice", hidden: true },
      icon(SHIELD),
      h("div", said, this.title, this.text, this.slotted, this.where),
      h("div", { class: "answers" }, this.agree, this.cancel),
    );
    this.root.setAttribute("aria-labelledby", "notice-title");
    this.root.setAttribute("aria-describedby", "notice-said");
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault(); // or it closed the dialog around the element
      this.close(false);
    });
    this.slotted.addEventListener("slotchange", () => this.reword());
    this.reword();
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
  ask(): Promise<boolean> {
    if (this.settled) return Promise.resolve(true);
    this.close(false); // of two pictures the newer one counts
    show(this.root, true);
    this.reword();
    this.agree.focus();
    return new Promise((resolve) => (this.answer = resolve));
  }

  /** Show it again before the next picture: who comes next may be somebody else. */
  forget(): void {
    read.get(document)?.delete(this.server);
    this.close(false);
  }

  /** Write it anew, as after the language changed. */
  reword(): void {
    const { notice: words, actions } = this.words();
    const own = none(this.settings.text) ? "" : this.settings.text?.trim();
    const slotted = this.slotted.assignedElements?.().some(seen) ?? false;
    this.title.textContent = words.title;
    this.text.textContent = own || fill(words.text, { forget: actions.forget });
    show(this.text, !slotted);
    show(this.slotted, slotted);
    this.where.textContent = whereTo(words, this.server, document.baseURI);
    this.agree.textContent = words.agree;
    this.cancel.textContent = words.cancel;
  }

  private close(agreed: boolean): void {
    const { answer } = this;
    this.answer = null;
    show(this.root, false);
    if (agreed) read.set(document, (read.get(document) ?? new Set()).add(this.server));
    answer?.(agreed);
  }
}

/** Say where a picture goes that is sent to a server from a page. */
export function whereTo(words: Words["notice"], server: string, page: string): string {
  if (!URL.canParse(server)) return ""; // nothing can be sent there; who connects says so
  const { host, hostname } = new URL(server);
  if (LOCAL.test(hostname)) return words.here;
  const own = URL.canParse(page) && new URL(page).host === host;
  return fill(own ? words.shop : words.elsewhere, { host });
}

function none(text: string | null): boolean {
  return text?.trim().toLowerCase() === "none";
}

/** Whether an element says anything: one that is empty or hidden does not. */
function seen(element: Element): boolean {
  return Boolean(element.textContent?.trim()) && !element.hasAttribute("hidden");
}
