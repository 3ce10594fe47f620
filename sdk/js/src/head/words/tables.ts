/** The languages that `<livedraft-head>` speaks. */

import { speaking } from "../../ui/words/tables.ts";
import { ar } from "./ar.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { Wording, Words } from "./words.ts";

/** By their codes (BCP 47). */
export const TABLES: Readonly<Record<string, Wording>> & { readonly en: Words } = { en, de, ko, ar };

/** What is asked before a portrait goes anywhere: a page may ask in other words, but not in none. */
export const LASTING: readonly string[] = ["consent"] satisfies (keyof Words)[];

export const { nearest, tableOf } = speaking<Words>(TABLES, LASTING);
