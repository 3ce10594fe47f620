/** Attributes and the properties that set them, as frameworks write both. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { property, readAttribute, readParams, reflect } from "../../src/ui/attributes.ts";

/** A stand-in for an element's attributes. */
class Tag {
  readonly given = new Map<string, string>();
  getAttribute(name: string): string | null {
    return this.given.get(name) ?? null;
  }
  hasAttribute(name: string): boolean {
    return this.given.has(name);
  }
  setAttribute(name: string, value: string): void {
    this.given.set(name, value);
  }
  removeAttribute(name: string): void {
    this.given.delete(name);
  }
}

test("numbers, lists and weights are read; what is none says nothing", () => {
  assert.equal(readAttribute("seed", "7"), 7);
  assert.equal(readAttribute("seed", ""), undefined);
  assert.equal(readAttribute("strength", "much"), undefined);
  assert.deepEqual(readAttribute("palette", "#fff, #000"), ["#fff", "#000"]);
  assert.deepEqual(readAttribute("loras", "wood:0.8 night odd:x"), { wood: 0.8, night: 1 });
  assert.equal(readAttribute("prompt", " a fox"), " a fox");
});

test("a property is its attribute, whatever a framework assigns", () => {
  assert.equal(property("refine-when"), "refineWhen");
  class Element extends Tag {}
  reflect(Element.prototype, ["picture-style", "palette", "loras", "locked"]);
  const element = new Element() as Element & Record<string, unknown>;
  element["pictureStyle"] = "flat";
  element["palette"] = ["#ffffff", "#000000"];
  element["loras"] = { wood: 0.5 };
  element["locked"] = true;
  assert.deepEqual([...element.given.values()], ["flat", "#ffffff #000000", "wood:0.5", ""]);
  assert.equal(element["locked"], true);
  element["locked"] = false;
  element["pictureStyle"] = null;
  assert.deepEqual([...element.given.keys()], ["palette", "loras"]);
});

test("the attribute params is a JSON object, and nothing else", () => {
  assert.deepEqual(readParams('{"wetness": 0.8, "palette": ["#e5484d"]}'), { wetness: 0.8, palette: ["#e5484d"] });
  assert.deepEqual(readParams(null), {});
  for (const text of ["[]", "7", "null", "{", '"a"']) assert.equal(readParams(text), undefined);
});
