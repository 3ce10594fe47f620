/** What a page gets: the client, and the element `<livedraft-sketch>`. */

import { LivedraftSketch as Ours } from "./element.ts";

export { connect } from "./client.ts";
export type { ConnectOptions } from "./client.ts";
export { LivedraftError } from "./errors.ts";
export { LiveSession } from "./session.ts";
export type { Frame, SessionEvents, State } from "./session.ts";
export type { Stats } from "./stats.ts";
export { readRecipe, writeRecipe } from "./recipe.ts";

/** The element's class; where a page has two versions of this script, that of the first. */
export const LivedraftSketch = registered();

function registered(): typeof Ours {
  if (typeof customElements === "undefined") return Ours; // a server that renders pages
  if (!customElements.get("livedraft-sketch")) customElements.define("livedraft-sketch", Ours);
  return customElements.get("livedraft-sketch") as typeof Ours;
}
