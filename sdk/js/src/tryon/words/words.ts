/** The words of `<livedraft-tryon>`: one table a language, each of its texts plain, so that a shop can set it in JSON. */

import type { en } from "./en.ts";

/** A table has the keys of the English one. In a text, `{name}` stands for what is known when it is shown. */
export type Words = Widened<typeof en>;

type Widened<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]> };

/** What a page says instead: any part of a table. */
export type Wording = Partial<{ readonly [G in keyof Words]: Partial<Words[G]> }>;

/** Return a text with what its `{name}`s stand for; one that nothing is known of stays as it is written. */
export function fill(text: string, known: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(known[name] ?? whole));
}

/** What a visitor has to be told: a page may say it in other words, but does not take it away with an empty one. */
const LASTING: readonly string[] = ["notice"] satisfies (keyof Words)[];

/** Return a table with a page's own texts in it; what is no text of a known key is left out. */
export function worded(table: Words, own: Wording): Words {
  const groups = Object.entries(table).map(([group, texts]) => {
    const said = own[group as keyof Words] as Readonly<Record<string, unknown>> | undefined;
    const fits = (own: unknown): boolean => typeof own === "string" && (own.trim() !== "" || !LASTING.includes(group));
    const read = Object.entries(texts).map(([key, text]) => [key, fits(said?.[key]) ? said?.[key] : text]);
    return [group, Object.fromEntries(read)];
  });
  return Object.fromEntries(groups) as Words;
}
