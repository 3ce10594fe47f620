/** The words of `<livedraft-head>`. */

import type { Widened, WordingOf } from "../../ui/words/tables.ts";
import type { Texts as Spoken } from "../../ui/words/texts.ts";
import type { en } from "./en.ts";

/** A table has the keys of the English one. In a text, `{name}` stands for what is known when it is shown. */
export type Words = Widened<typeof en>;

/** What a page says instead: any part of a table. */
export type Wording = WordingOf<Words>;

export type Texts = Spoken<Words>;
