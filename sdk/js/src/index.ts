/** What a page gets: the client, and the element `<livedraft-sketch>`. */

import { LivedraftSketch } from "./element.ts";

export { connect } from "./client.ts";
export type { ConnectOptions } from "./client.ts";
export { LivedraftError } from "./errors.ts";
export { LiveSession } from "./session.ts";
export type { Frame, SessionEvents, State } from "./session.ts";
export type { Stats } from "./stats.ts";
export { readRecipe, writeRecipe } from "./recipe.ts";
export { LivedraftSketch };

if (!customElements.get("livedraft-sketch")) {
  customElements.define("livedraft-sketch", LivedraftSketch);
}
