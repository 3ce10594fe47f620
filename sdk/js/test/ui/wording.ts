/** What every element's tables of words are held to. */

import assert from "node:assert/strict";
import { test } from "node:test";

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

function texts(table: object): [string, string][] {
  return Object.entries(table as Table).flatMap(([group, all]) =>
    Object.entries(all).map(([key, text]): [string, string] => [`${group}.${key}`, text]),
  );
}

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

/** Test that tables are complete, and written as their languages are. */
export function testWording(en: object, tables: Readonly<Record<string, object>>): void {
  test("all tables have the keys of the English one, and the same placeholders in each text", () => {
    const known = texts(en);
    for (const [language, table] of Object.entries(tables)) {
      const theirs = texts(table);
      assert.deepEqual(theirs.map(([key]) => key).sort(), known.map(([key]) => key).sort(), language);
      for (const [key, text] of known) {
        const translated = new Map(theirs).get(key)!;
        assert.deepEqual(placeholders(translated), placeholders(text), `${language} ${key}`);
      }
    }
  });

  test("no text is empty, begins or ends with a space, or is set with a typewriter's signs", () => {
    for (const [language, table] of Object.entries(tables)) {
      for (const [key, text] of texts(table)) {
        const where = `${language} ${key}: ${text}`;
        assert.ok(text && text === text.trim(), where);
        assert.doesNotMatch(text, /\.\.\.|["`´]| {2}|(?<![a-z])'|'(?![a-z])/, where);
      }
    }
  });

  test("each language is written in its own letters, and its marks where they belong", () => {
    const own = { ko: /\p{Script=Hangul}/u, ar: /\p{Script=Arabic}/u };
    for (const [language, letters] of Object.entries(own)) {
      for (const [key, text] of texts(tables[language]!)) {
        const said = text.replace(/\{\w+\}/g, "").trim();
        if (said) assert.match(said, letters, `${language} ${key}`);
      }
    }
    for (const [key, text] of texts(tables["ar"]!)) {
      assert.doesNotMatch(text, /[,;?%]/, `${key}: Arabic has ، ؛ ؟ ٪`);
      assert.equal(text.split("\u2068").length, text.split("\u2069").length, `${key}: each isolate is closed`);
    }
  });
}
