/** Texts that are said again when the words change: a page may choose another language at any time. */

import { h } from "../dom.ts";

type Pick<Words> = (words: Words) => string;

export class Texts<Words> {
  private readonly tellers: ((words: Words) => void)[] = [];

  /** Begin with the table in use. */
  constructor(public words: Words) {}

  /** Say something now, and again with each other table. */
  say(tell: (words: Words) => void): void {
    this.tellers.push(tell);
    tell(this.words);
  }

  /** Return a text of the table. */
  span(pick: Pick<Words>, properties: Record<string, unknown> = {}): HTMLSpanElement {
    const span = h("span", properties);
    this.say((words) => (span.textContent = pick(words)));
    return span;
  }

  /** Name an element for those who do not see it; `title` shows the name to those who do. */
  name<E extends HTMLElement>(element: E, pick: Pick<Words>, title = false): E {
    this.say((words) => {
      element.setAttribute("aria-label", pick(words));
      if (title) element.title = pick(words);
    });
    return element;
  }

  /** Use another table. */
  use(words: Words): void {
    this.words = words;
    for (const tell of this.tellers) tell(words);
  }
}
