/** The words of the try-on element: complete in every language, and a shop's own ones in their place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../../src/tryon/words/en.ts";
import { directionOf, nearest, TABLES, tableOf } from "../../src/tryon/words/tables.ts";
import { fill, worded } from "../../src/tryon/words/words.ts";

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

function texts(table: Table): [string, string][] {
  return Object.entries(table).flatMap(([group, all]) =>
    Object.entries(all).map(([key, text]): [string, string] => [`${group}.${key}`, text]),
  );
}

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test("all tables have the keys of the English one, and the same placeholders in each text", () => {
  const known = texts(en);
  for (const [language, table] of Object.entries(TABLES)) {
    const theirs = texts(table as Table);
    assert.deepEqual(theirs.map(([key]) => key).sort(), known.map(([key]) => key).sort(), language);
    for (const [key, text] of known) {
      const translated = new Map(theirs).get(key)!;
      assert.deepEqual(placeholders(translated), placeholders(text), `${language} ${key}`);
    }
  }
});

test("no text is empty, begins or ends with a space, or is set with a typewriter's signs", () => {
  for (const [language, table] of Object.entries(TABLES)) {
    for (const [key, text] of texts(table as Table)) {
      const where = `${language} ${key}: ${text}`;
      assert.ok(text && text === text.trim(), where);
      assert.doesNotMatch(text, /\.\.\.|["`´]| {2}|(?<![a-z])'|'(?![a-z])/, where);
    }
  }
});

test("each language is written in its own letters, and its marks where they belong", () => {
  const own = { ko: /\p{Script=Hangul}/u, ar: /\p{Script=Arabic}/u };
  for (const [language, letters] of Object.entries(own)) {
    for (const [key, text] of texts(TABLES[language] as Table)) {
      const said = text.replace(/\{\w+\}/g, "").trim();
      if (said) assert.match(said, letters, `${language} ${key}`);
    }
  }
  for (const [key, text] of texts(TABLES["ar"] as Table)) {
    assert.doesNotMatch(text, /[,;?%]/, `${key}: Arabic has ، ؛ ؟ ٪`);
    assert.equal(text.split("\u2068").length, text.split("\u2069").length, `${key}: each isolate is closed`);
  }
});

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
  assert.equal(worded(en, { cart: { add: 5 } } as never).cart.add, en.cart.add);
});

test("what a visitor has to be told is not taken away by blank words", () => {
  for (const blank of ["", "  ", "\u00a0\n"]) {
    const table = worded(en, { notice: { title: blank, text: blank, shop: blank, agree: blank } });
    assert.deepEqual(table.notice, en.notice);
  }
  assert.equal(worded(en, { notice: { text: "Ours." } }).notice.text, "Ours.");
});

test("placeholders that nothing is known of stay as they are written", () => {
  assert.equal(fill("{a} and {b}", { a: "{b}" }), "{b} and {b}");
  assert.equal(fill("{count}", { count: 0 }), "0");
});
