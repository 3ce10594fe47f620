/** The texts of `<livedraft-tryon>`, in English before a page says another language. */

import { Texts as Spoken } from "../../ui/words/texts.ts";
import { en } from "./en.ts";
import type { Words } from "./words.ts";

export class Texts extends Spoken<Words> {
  constructor() {
    super(en);
  }
}
