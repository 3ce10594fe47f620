/** The languages that the element speaks, and which of them a page's `lang` means. */

import { ar } from "./ar.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { Wording, Words } from "./words.ts";
import { worded } from "./words.ts";

/** By their codes (BCP 47). */
export const TABLES: Readonly<Record<string, Wording>> = { en, de, ko, ar };

const LEFTWARDS = ["ar"];

/** Return the language that is nearest to one of a page: `de-AT` gives `de`, one that is not spoken `en`. */
export function nearest(language: string): string {
  const [code = ""] = language.trim().toLowerCase().split(/[-_]/);
  return Object.hasOwn(TABLES, code) ? code : "en";
}

/** Return a language's table, with a page's own texts in it. */
export function tableOf(language: string, own: Wording = {}): Words {
  return worded(worded(en, TABLES[language] ?? {}), own);
}

/** Return which way a language's lines run. */
export function directionOf(language: string): "ltr" | "rtl" {
  return LEFTWARDS.includes(language) ? "rtl" : "ltr";
}
