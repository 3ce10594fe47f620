/** The events that all elements have, by name, with their details. */

import type { Params } from "../client/protocol.ts";
import type { SessionDiagnostics } from "./diagnostics.ts";

export interface ParamsDetail {
  params: Params; // all of them, as they stand
}

export interface ReadyDetail extends ParamsDetail {
  model: string;
  resumed: boolean;
}

export interface ErrorDetail {
  code: string;
  message: string;
  fix: string; // what to do about it
  retryable: boolean;
}

export interface ElementEvents {
  /** The session with the model is open, or goes on with another one. */
  ready: ReadyDetail;
  /** The user changed a param. */
  input: ParamsDetail;
  /** Something went wrong; the element tells the user, too. */
  error: ErrorDetail;
  /** What the property of this name tells is new. */
  diagnostics: SessionDiagnostics;
}

/** Return the names of a table that has all of them, and no other: the compiler sees to it. */
export function eventNames<E extends ElementEvents>(
  own: Record<Exclude<keyof E, keyof ElementEvents>, true>,
): (keyof E & string)[] {
  const shared: Record<keyof ElementEvents, true> = { ready: true, input: true, error: true, diagnostics: true };
  return Object.keys({ ...shared, ...own }) as (keyof E & string)[];
}
