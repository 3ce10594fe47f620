/** Words of an element: one table a language, each of its texts plain, so that a page can set it in JSON. */

/** What an English table is as a type: its keys, with any texts. */
export type Widened<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]> };

/** What a page says instead: any part of a table. */
export type WordingOf<Words> = Partial<{ readonly [G in keyof Words]: Partial<Words[G]> }>;

/** The languages that an element speaks. */
export interface Languages<Words> {
  /** Return the language that is nearest to one of a page: `de-AT` gives `de`, one that is not spoken `en`. */
  nearest(language: string): string;
  /** Return a language's table, with a page's own texts in it. */
  tableOf(language: string, own?: WordingOf<Words>): Words;
}

const LEFTWARDS = ["ar"];

/** Return a text with what its `{name}`s stand for; one that nothing is known of stays as it is written. */
export function fill(text: string, known: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(known[name] ?? whole));
}

/**
 * Return a table with a page's own texts in it; what is no text of a known key is left out. The groups in
 * `lasting` a page may say in other words, and not take away with empty ones.
 */
export function worded<Words>(table: Words, own: WordingOf<Words>, lasting: readonly string[] = []): Words {
  const groups = Object.entries(table as Record<string, object>).map(([group, texts]) => {
    const said = own[group as keyof Words] as Readonly<Record<string, unknown>> | undefined;
    const fits = (text: unknown): boolean =>
      typeof text === "string" && (text.trim() !== "" || !lasting.includes(group));
    const read = Object.entries(texts).map(([key, text]) => [key, fits(said?.[key]) ? said?.[key] : text]);
    return [group, Object.fromEntries(read)];
  });
  return Object.fromEntries(groups) as Words;
}

/** Return what speaks these tables, by their codes (BCP 47); what one lacks is said in English. */
export function speaking<Words>(
  tables: Readonly<Record<string, WordingOf<Words>>> & { readonly en: Words },
  lasting: readonly string[] = [],
): Languages<Words> {
  return {
    nearest: (language) => {
      const [code = ""] = language.trim().toLowerCase().split(/[-_]/);
      return Object.hasOwn(tables, code) ? code : "en";
    },
    tableOf: (language, own = {}) => worded(worded(tables.en, tables[language] ?? {}, lasting), own, lasting),
  };
}

/** Return which way a language's lines run. */
export function directionOf(language: string): "ltr" | "rtl" {
  return LEFTWARDS.includes(language) ? "rtl" : "ltr";
}
