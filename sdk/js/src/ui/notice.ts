/** A note, mostly about an error, with what to do about it; it stays until it is dismissed or mended. */

import type { LivedraftError } from "../errors.ts";
import { button } from "./button.ts";
import { h, show } from "./dom.ts";

/** What a note says in words of an element's own; `told` is the text about an error. */
export interface NoticeWords {
  retry: string;
  dismiss: string;
  told(error: LivedraftError): string;
}

export class Notice {
  readonly root: HTMLElement;
  private readonly text = h("p");
  private readonly action: HTMLButtonElement;
  private readonly dismiss = button("close", "Dismiss", () => this.hide());
  private code = "";
  private error: LivedraftError | null = null;
  private act: () => void;

  constructor(
    private readonly retry: () => void,
    private readonly words?: () => NoticeWords,
  ) {
    this.act = retry;
    this.action = h("button", { type: "button", class: "quiet", onclick: () => this.act() });
    this.root = h("div", { class: "notice", role: "alert", part: "notice" }, this.text, this.action, this.dismiss);
    this.hide();
  }

  /** `calm` says that nothing went wrong. */
  show(error: LivedraftError, canRetry: boolean, calm = false): void {
    this.code = error.code;
    this.error = error;
    const own = this.words?.().told(error);
    if (own) this.text.replaceChildren(own);
    else
      this.text.replaceChildren(h("strong", {}, sentence(error.message)), error.fix ? ` ${sentence(error.fix)}` : "");
    this.root.toggleAttribute("data-calm", calm);
    this.open(this.words?.().retry ?? "Try again", this.retry);
    show(this.action, canRetry);
  }

  /** Offer to try again, since nothing goes on by itself any more. */
  offerRetry(): void {
    if (this.error) show(this.action, true);
  }

  /** Say that something can be had, which is no error. */
  offer(text: string, label: string, act: () => void): void {
    this.code = "";
    this.error = null;
    this.text.replaceChildren(text);
    this.root.toggleAttribute("data-calm", true);
    this.open(label, () => {
      this.hide();
      act();
    });
    show(this.action, true);
  }

  /** Take the note away; with codes, only if it is about one of them. */
  hide(codes?: readonly string[]): void {
    if (!codes || codes.includes(this.code)) show(this.root, false);
  }

  /** Take the note away if it is about this error. */
  forget(error: unknown): void {
    if (this.error !== null && this.error === error) this.hide();
  }

  /** Take the note away if it answers a message before this one. */
  answered(id: number): void {
    if (this.error !== null && this.error.id !== null && this.error.id < id) this.hide();
  }

  private open(label: string, act: () => void): void {
    this.action.textContent = label;
    this.act = act;
    if (this.words) this.dismiss.title = this.words().dismiss;
    this.dismiss.setAttribute("aria-label", this.dismiss.title);
    show(this.root, true);
  }
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
