/** Search in titles, SKUs and categories, however a customer writes: accents, capitals, widths and vowel marks aside. */

import type { Category, Garment } from "./garments.ts";

const MARKS = /[\p{Mn}\p{Cf}\u0640]/gu; // accents, Arabic vowel marks, joiners, and the tatweel that stretches words
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i" },
  ...{ ى: "ي", ة: "ه", ک: "ك", ی: "ي" }, // as they are typed in turn
};
/** The consonants that end a Hangul syllable, from U+11A8 on, as those that begin one. */
const ENDS = "ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ"
  .normalize("NFKD")
  .split(" ");
const ALIKE = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");

/**
 * Return a text as it is compared. Compatibility decomposition (Unicode UAX 15) takes Hangul apart into
 * its letters, and full-width letters to plain ones. A consonant counts the same wherever it stands in a
 * syllable, since one that is being typed belongs to the syllable before until the next vowel comes.
 */
export function fold(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase().replace(MARKS, "");
  const alike = plain.replace(ALIKE, (letter) => LETTERS[letter] ?? letter);
  return alike.replace(/[\u11a8-\u11c2]/g, (end) => ENDS[end.charCodeAt(0) - 0x11a8]!).replace(/\s+/g, " ");
}

/** Folds each garment once, and finds those that hold all words of what was typed. */
export class Search {
  private readonly texts: string[];

  /** `name` says a category in the customer's words. */
  constructor(garments: readonly Garment[], name: (category: Category) => string) {
    this.texts = garments.map(({ title, sku, category }) => fold([title, sku, category, name(category)].join(" ")));
  }

  /** Tell for each garment whether it is found. */
  find(typed: string): boolean[] {
    const words = fold(typed).split(" ").filter(Boolean);
    return this.texts.map((text) => words.every((word) => text.includes(word)));
  }
}
