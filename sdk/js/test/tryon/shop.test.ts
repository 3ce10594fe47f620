/** The shop's parts put together: what is chosen is worn, counted, told and offered for the cart. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import type { Outfit } from "../../src/tryon/shop/outfit.ts";
import { listed } from "../../src/tryon/shop/outfit.ts";
import { Shop } from "../../src/tryon/shop/shop.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import { Texts } from "../../src/tryon/words/texts.ts";
import type { Element } from "../doubles/dom.ts";
import { Target } from "../doubles/dom.ts";
import { installPage, named } from "../doubles/page.ts";

installPage();
class Watcher {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
Object.assign(globalThis, { IntersectionObserver: Watcher });

const ALL = (["upper", "lower", "dress"] as const).map((category) => ({
  sku: category,
  image: `http://shop.test/${category}.png`,
  title: `A ${category}`,
  category,
  url: "",
  price: "9 €",
}));

let shop: Shop;
let outfits: string[][];
let told: string[];
let texts: Texts;
let catalogue: Element;
let cart: Element;

beforeEach(() => {
  [outfits, told] = [[], []];
  texts = new Texts();
  const element = new Target();
  for (const name of ["tryon-start", "tryon-shown", "tryon-failed", "add-to-cart"]) {
    element.addEventListener(name, ({ type }) => told.push(type));
  }
  const worn = (outfit: Outfit): void => {
    outfits.push(listed(outfit).map(({ sku }) => sku));
    shop.began(outfit);
  };
  shop = new Shop(texts, element as never, { worn });
  shop.offer(ALL);
  [catalogue, , cart] = shop.parts as unknown as [Element, Element, Element];
});

test("by SKU a top and trousers are worn together; a dress takes both places", () => {
  shop.wear(["upper", "lower"]);
  shop.wear(["dress"]);
  assert.deepEqual(outfits, [["upper", "lower"], ["dress"]]);
  assert.throws(() => shop.wear(["upper", "dress"]), { code: "outfit_invalid" });
  assert.throws(() => shop.wear(["uper"]), /uper/);
});

test("what is worn can be bought, and taken off again", () => {
  shop.wear(["upper"]);
  named(cart, "Add A upper to the cart").click();
  named(cart, "Take off A upper").click();
  assert.deepEqual([outfits.at(-1), cart.hidden], [[], true]);
  assert.deepEqual(told, ["tryon-start", "add-to-cart"]);
  shop.sells = false;
  shop.wear(["upper"]);
  assert.throws(() => named(cart, "Add A upper to the cart"));
});

test("a try is told when it begins, and once when it is shown; a forgotten one never", () => {
  shop.wear(["upper"]);
  const outfit = { upper: ALL[0]!, lower: null };
  shop.shown(outfit);
  shop.shown(outfit);
  shop.began(outfit);
  shop.shown(null);
  shop.shown(outfit);
  assert.deepEqual(told, ["tryon-start", "tryon-shown", "tryon-start"]);
});

test("who has tried enough is told so, and keeps what is worn", async () => {
  shop.notice.set({ text: "none", reason: "the test tells" });
  assert.ok(await shop.agreed());
  shop.limit.rule = { tries: 1, withinMs: 60_000 };
  shop.wear(["upper"]);
  shop.wear(["lower"]);
  assert.deepEqual(outfits, [["upper"]]);
  const [, reached] = shop.parts as unknown as Element[];
  assert.equal(reached!.hidden, false);
  shop.wear([]);
  assert.deepEqual([outfits.at(-1), reached!.hidden], [[], true], "to take off costs nothing");
  shop.forget();
  shop.wear(["lower"]);
  assert.deepEqual(outfits.at(-1), ["lower"], "nor does to choose before there is a photo");
  assert.ok(await shop.agreed());
  shop.wear(["upper"]);
  assert.equal(reached!.hidden, false);
  shop.limit.rule = null;
  shop.wear(["lower"]);
  assert.ok(reached!.hidden);
});

test("what comes of nothing is told as a failure once, and who is forgotten is told the notice anew", async () => {
  shop.wear(["upper"]);
  const error = new LivedraftError({ code: "model_failed", message: "no" });
  shop.failed(error);
  shop.failed(error);
  assert.deepEqual(told, ["tryon-start", "tryon-failed"]);
  shop.connect({ url: "http://shop.example/", model: "", token: "" });
  const first = shop.agreed();
  named(shop.before, "Understood, go on").click();
  assert.ok(await first);
  shop.forget();
  void shop.agreed();
  assert.equal((shop.before as unknown as Element).hidden, false);
});

test("everything follows the language", () => {
  texts.use(tableOf("de"));
  assert.equal(catalogue.getAttribute("aria-label"), tableOf("de").catalogue.label);
  assert.ok(named(shop.before, tableOf("de").notice.agree));
});

test("the notice is asked before a picture is taken, for each server once", async () => {
  shop.connect({ url: "http://localhost:7860/", model: "", token: "" });
  const first = shop.agreed();
  named(shop.before, "Understood, go on").click();
  assert.ok(await first);
  assert.ok(await shop.agreed());
});
