/** The words of the head: complete in every language, and the question about consent is always asked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src/head/words/en.ts";
import { LASTING, nearest, TABLES, tableOf } from "../../src/head/words/tables.ts";
import type { Words } from "../../src/head/words/words.ts";
import { worded } from "../../src/ui/words/tables.ts";
import { testWording } from "../ui/wording.ts";

testWording(en, TABLES);

test("a page's language means the nearest table", () => {
  assert.deepEqual(["de-CH", "ko", "ar-MA", "fr"].map(nearest), ["de", "ko", "ar", "en"]);
  assert.equal(tableOf("de").say.speak, "Sprechen");
});

test("a page may ask for consent in other words, and not in none", () => {
  const table = worded<Words>(en, { consent: { text: " ", check: "It is me" }, say: { hint: "" } }, LASTING);
  assert.deepEqual([table.consent.text, table.consent.check, table.say.hint], [en.consent.text, "It is me", ""]);
});
