/** What the inside of an element needs of the element around it. */

import type { LivedraftError } from "../errors.ts";

export interface Host {
  emit(name: string, detail: object): void;
  failed(error: LivedraftError): void;
  retry(): void; // to connect
  picked(model: string): void; // by the user: what connects from now on has it
  choosesModel(): boolean; // whether the user may
  diagnosed(): void; // what the element tells as `diagnostics` is new
}
