/** An error of the server's on its way to what asked for it. */

import { LivedraftError } from "../errors.ts";
import type { Outbox } from "./outbox.ts";
import type { ErrorMessage, Params } from "./protocol.ts";
import type { Refining } from "./refining.ts";
import type { Switching } from "./switching.ts";

/** Take it there; return it, and the params that it refused. */
export function taken(
  message: ErrorMessage,
  outbox: Outbox,
  refining: Refining,
  switching: Switching,
): [LivedraftError, Params] {
  const error = new LivedraftError(message);
  if (message.id === null) return [error, {}];
  const refused = outbox.refused(message.id, message.code);
  refining.failed(message.id, error);
  switching.failed(message.id, error);
  return [error, refused];
}
