/** The languages that `<livedraft-tryon>` speaks. */

import { speaking } from "../../ui/words/tables.ts";
import { ar } from "./ar.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { Wording, Words } from "./words.ts";

/** By their codes (BCP 47). */
export const TABLES: Readonly<Record<string, Wording>> & { readonly en: Words } = { en, de, ko, ar };

/** What a visitor has to be told: a page may say it in other words, but does not take it away with empty ones. */
export const LASTING: readonly string[] = ["notice"] satisfies (keyof Words)[];

export const { nearest, tableOf } = speaking<Words>(TABLES, LASTING);
