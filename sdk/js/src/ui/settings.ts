/** The params as the element sees them: the model's defaults, the page's wishes, the user's choice. */

import { keepLoras, same } from "../client/outbox.ts";
import type { ModelInfo, Params } from "../client/protocol.ts";
import { fields, known, usual } from "./schema.ts";

export class Settings {
  /** From the tag's attributes. */
  attributes: Params = {};
  /** By the user, or by the page through `.params`. */
  chosen: Params = {};
  private defaults: Params = {};
  private declared: Params = {}; // of the attributes, those that `params` said
  private schema: Record<string, unknown> | undefined;

  /** All params, as they stand. */
  get all(): Params {
    return { ...this.defaults, ...this.attributes, ...this.chosen };
  }

  /** What has to be said to a server: nothing that its model does not know. */
  get toSend(): Params {
    return this.fit({ ...this.attributes, ...this.chosen });
  }

  fit(params: Params): Params {
    return this.schema ? known(params, this.schema) : params;
  }

  /** Return the values that a param can take, where the model lists them. */
  choices(key: string): (string | number)[] {
    const field = fields(this.schema).find((each) => each.key === key);
    return field?.kind === "choice" ? field.choices : [];
  }

  /** Take the model that a session opened with. */
  opened(schema: Record<string, unknown> | undefined, inForce: Params, resumed: boolean): void {
    this.schema = schema;
    if (!resumed) this.defaults = inForce;
  }

  /** Take the model that a session goes on with: what is in force there is partly of the one before. */
  switched({ params_schema: schema, loras = [] }: ModelInfo, inForce: Params): void {
    this.schema = schema;
    this.defaults = { ...inForce, ...usual(schema) };
    if (loras.length) this.keepLoras(loras.map(({ name }) => name)); // a model without any is asked for none
  }

  /** Return what has to be said to a server where this is in force. */
  missing(inForce: Params): Params {
    const wanted = Object.entries(this.toSend);
    return Object.fromEntries(wanted.filter(([key, value]) => !same(value, inForce[key])));
  }

  /** An attribute that the page changes wins over what the user chose before. */
  attribute(key: string, value: unknown): void {
    if (value === null) delete this.attributes[key];
    else this.attributes[key] = value;
    delete this.chosen[key];
  }

  /** Take the attribute `params`; what it said before and says no more is asked for no longer. */
  declare(params: Params): void {
    const gone = Object.keys(this.declared).filter((key) => !(key in params));
    for (const key of gone) this.attribute(key, null);
    for (const [key, value] of Object.entries(params)) this.attribute(key, value);
    this.declared = params;
  }

  /** These are the LoRAs that are left: nobody wants another any more. */
  keepLoras(names: readonly string[]): void {
    for (const params of [this.defaults, this.attributes, this.chosen]) keepLoras(params, names);
  }

  choose(params: Params): void {
    Object.assign(this.chosen, params);
  }

  /** The server refused a value: go back to the one in force, whoever asked for this one. */
  refuse(refused: Params, wanted: Params): void {
    for (const [key, value] of Object.entries(refused)) {
      for (const asked of [this.attributes, this.chosen]) {
        if (JSON.stringify(asked[key]) === JSON.stringify(value)) delete asked[key];
      }
      if (key in wanted) this.chosen[key] = wanted[key];
    }
  }

  /** Forget what the user chose; return the params that this changes, as they stand now. */
  reset(): Params {
    const changed = Object.keys(this.chosen);
    this.chosen = {};
    const { all } = this;
    return Object.fromEntries(changed.filter((key) => key in all).map((key) => [key, all[key]]));
  }

  /** Take back what was kept, unless the page asks for another value now than it did then. */
  restore(chosen: Params, attributes: Params): void {
    for (const [key, value] of Object.entries(chosen)) {
      if (attributes[key] === this.attributes[key] && !(key in this.chosen)) this.chosen[key] = value;
    }
  }
}
