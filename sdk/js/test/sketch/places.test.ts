/** What a drawing is kept by: the element's key, or else its page and its place in it, through shadow trees. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { identify } from "../../src/sketch/identity.ts";
import { h } from "../../src/ui/dom.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage } from "../doubles/page.ts";

installPage();
Object.assign(globalThis, { location: { pathname: "/own.html", search: "?utm_source=x&page=2", hash: "" } });
const body = document.body as unknown as Element;
// The double of a document is the root of its body's tree, as a real one is.
Object.assign(document, { querySelectorAll: (selector: string) => body.querySelectorAll(selector) });

function element(attributes: Record<string, string> = {}, into: { append(child: Element): void } = body): Element {
  const made = h("div", {}) as unknown as Element;
  made.localName = "livedraft-sketch";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made["id"] = attributes["id"] ?? "";
  into.append(made);
  return made;
}

const key = (of: Element): string => identify(of as never).key;

test("a page's own key is the drawing's, wherever the element stands", () => {
  const { key: own, given, old } = identify(element({ "state-key": "mine", url: "/a" }) as never);
  assert.deepEqual([own, given, old], ['["key","mine"]', true, "mine"]);
});

test("without one, page, server, model and place are; what follows visitors about is not", () => {
  body.replaceChildren();
  const [first, second] = [element(), element()];
  assert.notEqual(key(first), key(second));
  assert.match(key(first), /\/own\.html\?page=2/);
  assert.doesNotMatch(key(first), /utm/);
  assert.notEqual(key(element({ model: "ink" })), key(element({ model: "echo" })));
  const named = element({ id: "art" });
  const before = key(named);
  first.remove();
  assert.equal(key(named), before, "an id holds where others come and go");
});
