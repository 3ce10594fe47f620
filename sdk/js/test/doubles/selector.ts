/** What a selector means, of the few that tests need: a tag, `.class`, `[attribute]` or `[attribute=value]`. */

import type { Element } from "./dom.ts";

const FORM = /^([\w-]*)(?:\.([\w-]+))?(?:\[([\w-]+)(?:=(.*))?\])?$/;

/** Tell whether it means an element. */
export function fits(element: Element, selector: string): boolean {
  const [, tag = "", name = "", key = "", value] = FORM.exec(selector)!;
  return (
    (!tag || element.localName === tag) &&
    (!name || element.className.split(" ").includes(name)) &&
    (!key || (element.hasAttribute(key) && (value === undefined || element.getAttribute(key) === value)))
  );
}
