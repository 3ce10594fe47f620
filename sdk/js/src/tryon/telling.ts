/** Errors and notes in the customer's words, each with its way out. */

import type { Note } from "../client/protocol.ts";
import type { State } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import { MOST_MEGABYTES, MOST_MEGAPIXELS } from "../media/photos.ts";
import type { NoticeWords } from "../ui/notice.ts";
import { fill } from "../ui/words/tables.ts";
import type { Words } from "./words/words.ts";

const LIMITS = { megapixels: MOST_MEGAPIXELS, megabytes: MOST_MEGABYTES };

/** Return what an error means to a customer; one that nobody foresaw in its own words. */
export function toldOf({ code, message, fix, id }: LivedraftError, { errors }: Words): string {
  const whole = fix ? `${message}. ${fix}` : message;
  if (code === "invalid_image" && id !== null) return fill(errors.garment, { message: whole }); // of a picture that went up
  const known = code !== "other" && code !== "garment" ? (errors as Readonly<Record<string, string>>)[code] : undefined;
  return fill(known ?? errors.other, { ...LIMITS, message: whole });
}

/** Return what the model noted of a picture; a note that the table does not have in its own words. */
export function notedOf({ code, message }: Note, { notes }: Words): string {
  return (notes as Readonly<Record<string, string>>)[code] ?? message;
}

/** Return what notices say. */
export function noticeOf(words: Words): NoticeWords {
  const { retry, dismiss } = words.actions;
  return { retry, dismiss, told: (error) => toldOf(error, words) };
}

/** Return what is said of the connection. */
export function stateOf(state: State, position: number, { state: words }: Words): string {
  return state === "queued" && position ? fill(words.place, { position }) : words[state];
}

/** What is under way, and what is missing. */
export interface Doing {
  reading: boolean; // a photo
  photo: boolean; // is on the stage
  dressed: boolean; // a garment was chosen
  worn: boolean; // a picture is on show
  busy: boolean; // one is being made
  finishing: boolean;
}

/** Return what is said on the stage of what is being done, or is to be done next; empty: nothing. */
export function doingOf({ reading, photo, dressed, worn, busy, finishing }: Doing, { doing }: Words): string {
  if (reading) return doing.reading;
  if (finishing) return doing.finishing;
  if (!photo || worn) return "";
  if (busy) return doing.dressing;
  return dressed ? "" : doing.choosing;
}
