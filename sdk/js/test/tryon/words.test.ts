/** The words of the try-on element: complete in every language, and a shop's own ones in their place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src/tryon/words/en.ts";
import { LASTING, nearest, TABLES, tableOf } from "../../src/tryon/words/tables.ts";
import type { Words } from "../../src/tryon/words/words.ts";
import { directionOf, fill, worded } from "../../src/ui/words/tables.ts";
import { testWording } from "../ui/wording.ts";

testWording(en, TABLES);

test("a page's language means the nearest table", () => {
  const asked = ["de", "de-AT", "KO_kr", "ar-EG", "en-GB", "fr", "", "constructor"];
  assert.deepEqual(asked.map(nearest), ["de", "de", "ko", "ar", "en", "en", "en", "en"]);
  assert.deepEqual(["ar", "de"].map(directionOf), ["rtl", "ltr"]);
  assert.equal(tableOf("de").cart.add, "In den Warenkorb");
});

test("a shop says single texts in its own words; what is no text, or of no key, is left out", () => {
  const own = { cart: { add: "Into the bag", none: "x" }, stage: { hint: "" }, other: { a: "b" } };
  const table = tableOf("de", own as object);
  assert.equal(table.cart.add, "Into the bag");
  assert.equal(table.stage.hint, "", "a hint may be left away");
  assert.equal(table.cart.added, "Hinzugefügt");
  assert.ok(!("other" in table) && !("none" in table.cart));
  assert.equal(worded<Words>(en, { cart: { add: 5 } } as never).cart.add, en.cart.add);
});

test("what a visitor has to be told is not taken away by blank words", () => {
  for (const blank of ["", "  ", "\u00a0\n"]) {
    const table = worded<Words>(en, { notice: { title: blank, text: blank, shop: blank, agree: blank } }, LASTING);
    assert.deepEqual(table.notice, en.notice);
  }
  assert.equal(worded<Words>(en, { notice: { text: "Ours." } }, LASTING).notice.text, "Ours.");
});

test("placeholders that nothing is known of stay as they are written", () => {
  assert.equal(fill("{a} and {b}", { a: "{b}" }), "{b} and {b}");
  assert.equal(fill("{count}", { count: 0 }), "0");
});
