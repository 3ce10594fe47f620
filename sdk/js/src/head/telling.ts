/** Errors and the connection in the user's words, each with its way out. */

import type { State } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import { MOST_MEGABYTES, MOST_MEGAPIXELS } from "../media/photos.ts";
import { MOST_MINUTES } from "../media/soundfile.ts";
import type { NoticeWords } from "../ui/notice.ts";
import { fill } from "../ui/words/tables.ts";
import { MOST_CHARACTERS } from "./composer.ts";
import type { TalkState } from "./talk.ts";
import type { Words } from "./words/words.ts";

const LIMITS = {
  megapixels: MOST_MEGAPIXELS,
  megabytes: MOST_MEGABYTES,
  minutes: MOST_MINUTES,
  characters: MOST_CHARACTERS,
};
const OPEN: readonly State[] = ["open", "generating"];

/** Return what an error means to a user; one that nobody foresaw, as of a portrait, in its own words. */
export function toldOf({ code, message, fix }: LivedraftError, { errors }: Words): string {
  const whole = fix ? `${message}. ${fix}` : message;
  const known = code === "other" ? undefined : (errors as Readonly<Record<string, string>>)[code];
  return fill(known ?? errors.other, { ...LIMITS, message: whole });
}

/** Return what notices say. */
export function noticeOf(words: Words): NoticeWords {
  const { retry, dismiss } = words.actions;
  return { retry, dismiss, told: (error) => toldOf(error, words) };
}

/** Return what is said at the foot: of the head while the connection stands, else of the connection. */
export function stateOf(state: State, position: number, talking: TalkState, { state: words, stage }: Words): string {
  if (OPEN.includes(state)) return words[talking];
  if (state === "queued") return position ? fill(stage.place, { position }) : words.queued;
  return state === "idle" ? words.paused : words[state as "connecting" | "reconnecting" | "closed"];
}

/** Return what is said in the head's place; empty while it is there, and the connection with it. */
export function missingOf(state: State, position: number, frames: number, { stage }: Words): string {
  if (state === "queued") return position ? fill(stage.place, { position }) : stage.queued;
  if (state === "connecting") return stage.connecting;
  if (state === "reconnecting") return stage.reconnecting;
  if (state === "closed") return stage.closed;
  return frames ? "" : stage.connecting;
}
