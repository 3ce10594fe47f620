/** What is asked before a portrait goes anywhere: whether whom it shows agrees. */

import { serverOf } from "../../client/address.ts";
import { h } from "../../ui/dom.ts";
import { Question, whereTo } from "../../ui/question.ts";
import type { Texts } from "../words/words.ts";

export class Consent {
  /** Whether the page has asked already, and vouches for it. */
  given = false;
  private readonly check = h("input", { type: "checkbox", id: "consent-check" });
  private readonly where = h("p", { class: "where" });
  private readonly question: Question;
  private server = "";

  constructor(private readonly texts: Texts) {
    const label = h("label", { class: "check" }, this.check);
    label.append(texts.span(({ consent }) => consent.check));
    const text = texts.span(({ consent }) => consent.text);
    const mark = texts.span(({ consent }) => consent.mark);
    this.question = new Question([h("p", {}, text), h("p", {}, mark), this.where, label]);
    this.check.addEventListener("change", () => this.allow());
    texts.say(({ consent }) => {
      this.question.say(consent);
      this.say();
    });
    this.allow();
  }

  get root(): HTMLElement {
    return this.question.root;
  }

  /** Say which server portraits go to. */
  connect(url: string): void {
    this.server = serverOf(url);
    this.say();
  }

  /** Return whether the user says that the person agreed; it is asked for each portrait anew. */
  async ask(): Promise<boolean> {
    if (this.given) return true;
    this.check.checked = false;
    this.allow();
    return this.question.ask(this.check);
  }

  /** Ask no longer. */
  close(): void {
    this.question.close(false);
  }

  private allow(): void {
    this.question.agree.disabled = !this.check.checked;
  }

  private say(): void {
    this.where.textContent = whereTo(this.texts.words.consent, this.server, document.baseURI);
  }
}
