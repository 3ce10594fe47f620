/** A test double of a page: what its scripts find in it, and what a person does to it. */

import { Element, elementOf, Happening, made, Node, page, Target } from "./dom.ts";

class Nobody {
  observe(): void {}
  disconnect(): void {}
}

class Sheet {
  text = "";
  replaceSync(text: string): void {
    this.text = text;
  }
}

/** Put the double in the place of a page's globals. */
export function installPage(): void {
  const document = Object.assign(new Node(), {
    baseURI: "http://localhost:7860/",
    visibilityState: "visible",
    createElement: elementOf,
    createElementNS: (_: string, tag: string) => elementOf(tag),
  });
  Object.assign(globalThis, {
    document,
    window: Object.assign(new Target(), { CSSStyleSheet: Sheet }),
    HTMLElement: Element,
    Element,
    ShadowRoot: class {},
    Event: Happening,
    CustomEvent: Happening,
    CSSStyleSheet: Sheet,
    MutationObserver: Nobody,
    IntersectionObserver: Nobody,
    ResizeObserver: Nobody,
    matchMedia: () => Object.assign(new Target(), { matches: false }),
    getComputedStyle: (element: Element) => ({
      backgroundColor: "rgba(0, 0, 0, 0)",
      color: "transparent",
      direction: element.getAttribute("dir") ?? "ltr",
      minWidth: "0px",
    }),
    customElements: {
      get: (tag: string) => [...made].find(([, name]) => name === tag)?.[0],
      define: (tag: string, own: unknown) => made.set(own, tag),
    },
    requestAnimationFrame: (run: (now: number) => void) => setImmediate(() => run(performance.now())),
  });
  const body = new Element();
  Object.assign(document, { body });
  Object.assign(page, { document, body });
}

/** Press what a person finds by its name. */
export function named(root: unknown, name: string): Element {
  const found = (root as Node)
    .querySelectorAll("")
    .find(
      (each) => each.getAttribute("aria-label") === name || (each.localName === "button" && each.textContent === name),
    );
  if (!found) throw new Error(`nothing is named '${name}'`);
  return found;
}

/** Let a person change a field. */
export function type(field: Element, value: string, event = "input"): void {
  field.value = value;
  field.dispatchEvent(new Happening(event, { bubbles: true }));
}

export function key(element: Element, key: string, more: object = {}): Happening {
  const event = new Happening("keydown", { bubbles: true, key, ...more });
  element.dispatchEvent(event);
  return event;
}
