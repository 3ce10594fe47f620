/** What stands before something private is done: what happens with it and where it goes, to be agreed to or not. */

import { h, show } from "./dom.ts";
import type { Icon } from "./icons.ts";
import { icon } from "./icons.ts";
import { fill } from "./words/tables.ts";

const SHIELD = {
  name: "shield",
  path: "M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6zM9 12l2.2 2.2L15.5 10",
};
const LOCAL = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** What a question says; its text is the element's own. */
export interface QuestionWords {
  title: string;
  agree: string;
  cancel: string;
}

/** Where something goes that is sent: to this machine, to the page's own server, or to another one. */
export interface PlaceWords {
  here: string;
  own: string;
  elsewhere: string;
}

export class Question {
  readonly root: HTMLElement;
  readonly agree = h("button", { type: "button", class: "primary", onclick: () => this.close(true) });
  private readonly title = h("strong", { id: "notice-title" });
  private readonly cancel = h("button", { type: "button", class: "quiet", onclick: () => this.close(false) });
  private answer: ((agreed: boolean) => void) | null = null;

  constructor(content: readonly HTMLElement[], sign: Icon = SHIELD) {
    const said = { class: "said", id: "notice-said" };
    this.root = h(
      "section",
      { class: "before", role: "alertdialog", part: "notice", hidden: true },
      icon(sign),
      h("div", said, this.title, ...content),
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
  }

  say({ title, agree, cancel }: QuestionWords): void {
    this.title.textContent = title;
    this.agree.textContent = agree;
    this.cancel.textContent = cancel;
  }

  /** Show it; return whether the user agreed. Of two that are asked, the newer counts. */
  ask(first: HTMLElement = this.agree): Promise<boolean> {
    this.close(false);
    show(this.root, true);
    first.focus();
    return new Promise((resolve) => (this.answer = resolve));
  }

  close(agreed: boolean): void {
    const { answer } = this;
    this.answer = null;
    show(this.root, false);
    answer?.(agreed);
  }
}

/** Say where something goes that is sent to a server from a page; empty for a server that is none. */
export function whereTo(words: PlaceWords, server: string, page: string): string {
  if (!URL.canParse(server)) return ""; // nothing can be sent there; who connects says so
  const { host, hostname } = new URL(server);
  if (LOCAL.test(hostname)) return words.here;
  const own = URL.canParse(page) && new URL(page).host === host;
  return fill(own ? words.own : words.elsewhere, { host });
}
