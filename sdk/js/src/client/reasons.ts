/** Why a connection ended or never began, and what to do about it. */

import { LivedraftError } from "../errors.ts";

/** Fatal codes after which another attempt may succeed. */
export const COME_BACK: ReadonlySet<string> = new Set(["session_unknown", "session_closed", "server_busy"]);

/** What a server means that closes with one of these, and said nothing before. */
export const REFUSED: Readonly<Record<number, string>> = {
  4400: "bad_message",
  4401: "unauthorized",
  4404: "model_not_found",
  1009: "bad_message",
};

/** What to do where WebRTC alone is asked for, and cannot be had. */
export const OTHER_WAY = "use transport 'auto', which goes by the WebSocket where WebRTC cannot be had";

/** How the server is to be started, so that it lets this page in; a refusal cannot be read here. */
export function whatToDo(address: string, base: string): string {
  const origin = base.startsWith("http") ? new URL(base).origin : "'*'"; // a file's page has none
  const own = address.replace(/^ws/, "http").startsWith(`${origin}/`);
  return own
    ? "start the server"
    : `start the server so that it lets this page in: livedraft serve --origins ${origin}`;
}

/** What happened with an address: nothing was ever to be had there, or it was lost. */
export function unanswered(address: string, opened: boolean): string {
  const { host } = new URL(address);
  return opened ? `the connection to ${host} breaks again and again` : `the server at ${host} does not answer`;
}

/** An address that cannot be one, or that this page may not use; `other` is what else would do, if anything. */
export function impossible(url: string, why: string, other: string): LivedraftError {
  const fix = other || "correct the url; a page of https needs a server of https";
  return new LivedraftError({ code: "connect_failed", message: `no connection to '${url}': ${why}`, fix });
}
