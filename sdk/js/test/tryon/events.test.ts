/** What a shop is told: each try once, its garments by SKU, and never a picture. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import { addToCart, Tries } from "../../src/tryon/shop/events.ts";
import type { Garment } from "../../src/tryon/shop/garments.ts";
import { NOTHING, together } from "../../src/tryon/shop/outfit.ts";
import type { Happening } from "../doubles/dom.ts";
import { Element } from "../doubles/dom.ts";
import { installPage } from "../doubles/page.ts";

installPage();

const PICTURE = "data:image/png;base64,iVBORw0KGgo=";
const tee: Garment = { sku: "tee", image: PICTURE, title: "Tee", category: "upper", url: "http://s/tee", price: "9" };
const jeans: Garment = { ...tee, sku: "jeans", title: "Jeans", category: "lower" };
const NAMES = ["tryon-start", "tryon-shown", "tryon-failed", "add-to-cart"];

function listening(): { element: EventTarget; heard: Happening[] } {
  const element = new Element();
  const heard: Happening[] = [];
  for (const name of NAMES) element.addEventListener(name, (event) => heard.push(event));
  return { element: element as unknown as EventTarget, heard };
}

/** Raise where anything in a detail is, or holds, a picture: bytes, an object of the browser's, a data or blob URL. */
export function holdsNoPicture(detail: unknown, at = "detail"): void {
  if (typeof detail === "string") assert.doesNotMatch(detail, /^(data|blob):|base64/i, at);
  else if (Array.isArray(detail)) detail.forEach((each, i) => holdsNoPicture(each, `${at}[${i}]`));
  else if (detail && typeof detail === "object") {
    assert.equal(Object.getPrototypeOf(detail), Object.prototype, `${at} is no plain object`);
    for (const [key, each] of Object.entries(detail)) holdsNoPicture(each, `${at}.${key}`);
  } else assert.ok(["number", "boolean", "undefined"].includes(typeof detail) || detail === null, at);
}

test("a try begins, and is shown or failed once", () => {
  const { element, heard } = listening();
  let now = 100;
  const tries = new Tries(element, () => now);
  tries.shown();
  tries.failed(new LivedraftError({ code: "engine", message: "m" }));
  tries.start(NOTHING);
  assert.deepEqual(heard, [], "nothing is worn");
  tries.start(together([tee, jeans]));
  now = 341.6;
  tries.shown();
  tries.shown();
  tries.start(together([tee]));
  tries.failed(new LivedraftError({ code: "model_failed", message: "m", fix: "f" }));
  tries.failed(new LivedraftError({ code: "again", message: "m" }));
  tries.start(together([tee]));
  tries.drop();
  tries.shown();
  assert.deepEqual(
    heard.map(({ type, detail }) => [type, detail]),
    [
      ["tryon-start", { sku: "tee", skus: ["tee", "jeans"] }],
      ["tryon-shown", { sku: "tee", skus: ["tee", "jeans"], ms: 242 }],
      ["tryon-start", { sku: "tee", skus: ["tee"] }],
      ["tryon-failed", { sku: "tee", skus: ["tee"], code: "model_failed", message: "m", fix: "f" }],
      ["tryon-start", { sku: "tee", skus: ["tee"] }],
    ],
  );
});

test("what goes into the cart is told by SKU; a page that tells the visitor itself says so", () => {
  const { element, heard } = listening();
  assert.equal(addToCart(element, tee), true);
  element.addEventListener("add-to-cart", (event) => event.preventDefault());
  assert.equal(addToCart(element, tee), false);
  assert.deepEqual(heard[0]?.detail, { sku: "tee", title: "Tee", category: "upper", price: "9", url: "http://s/tee" });
});

test("all events leave shadow trees, and none holds a picture, not even a garment's", () => {
  const { element, heard } = listening();
  const tries = new Tries(element);
  tries.start(together([tee]));
  tries.shown();
  tries.start(together([tee]));
  tries.failed(new LivedraftError({ code: "model_failed", message: "m" }));
  addToCart(element, tee);
  assert.deepEqual(new Set(heard.map(({ type }) => type)), new Set(NAMES));
  for (const event of heard) {
    assert.deepEqual([event.bubbles, (event as unknown as Event).composed], [true, true], event.type);
    holdsNoPicture(event.detail, event.type);
  }
  for (const wrong of [PICTURE, new Uint8Array(1), { a: [new Blob([])] }, { a: { b: "blob:http://x/1" } }, () => 0])
    assert.throws(() => holdsNoPicture(wrong), String(wrong));
});
