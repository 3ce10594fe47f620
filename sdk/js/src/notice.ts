/** A note about an error, with what to do about it; it stays until it is dismissed or mended. */

import { h, show } from "./dom.ts";
import type { LivedraftError } from "./errors.ts";
import { button } from "./button.ts";

export class Notice {
  readonly root: HTMLElement;
  private readonly text = h("p");
  private readonly action: HTMLButtonElement;
  private code = "";

  constructor(retry: () => void) {
    this.action = h("button", { type: "button", class: "quiet", onclick: retry }, "Try again");
    const dismiss = button("close", "Dismiss", () => this.hide());
    this.root = h("div", { class: "notice", role: "alert", part: "notice" }, this.text, this.action, dismiss);
    this.hide();
  }

  show(error: LivedraftError, canRetry: boolean): void {
    this.code = error.code;
    this.text.replaceChildren(h("strong", {}, sentence(error.message)), error.fix ? ` ${sentence(error.fix)}` : "");
    show(this.action, canRetry);
    show(this.root, true);
  }

  /** Take the note away; with codes, only if it is about one of them. */
  hide(codes?: readonly string[]): void {
    if (!codes || codes.includes(this.code)) show(this.root, false);
  }
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
