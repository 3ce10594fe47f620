/**
 * What a page leaves as it goes away, for a write to the database that may come too late.
 *
 * A text in `localStorage` is written before the call returns. Pictures do not fit there: where a
 * drawing holds any, the text says what is to follow which version of the database.
 */

import type { Operation } from "./drawing.ts";
import type { Kept, Slots } from "./store.ts";
import { readSlots, unique, writeSlot } from "./store.ts";

/** A drawing as one version in the database holds it, or is about to. */
export interface Version {
  version: string | null; // null: the slot is free
  operations: readonly Operation[];
}

interface Tail {
  after: (string | null)[]; // versions
  keep: number; // of their operations
  rest: readonly Operation[];
}

interface Leftover extends Pick<Kept, "params" | "attributes"> {
  tab: string;
  slot: number;
  saved: number;
  tails: Tail[];
  whole: boolean; // the rest is the whole drawing
}

const PREFIX = "livedraft";

/** Texts that this page brought back, and the database did not take. */
const refused = new Set<string>();

/** Leave a drawing that follows any of these versions. */
export function leave(
  mark: string,
  key: string,
  slot: number,
  kept: Omit<Kept, "base">,
  whole: boolean,
  known: Version[],
): void {
  const { operations, params, attributes } = kept;
  const plain = whole && !operations.some(isPicture);
  const tails = plain
    ? [{ after: known.map((each) => each.version), keep: 0, rest: operations }]
    : known.flatMap((each) => tail(each, operations));
  if (!tails.length) return;
  const text: Leftover = { tab: tab(), slot, saved: Date.now(), tails, whole: plain, params, attributes };
  attempt(() => {
    localStorage.setItem(`${PREFIX} ${mark} ${key}`, JSON.stringify(text));
    refused.forEach((each) => discard(each, key)); // this one holds it all
  });
}

/** Take a text away: the database has it all. */
export function discard(mark: string, key: string): void {
  attempt(() => localStorage.removeItem(`${PREFIX} ${mark} ${key}`));
}

/** Bring into the database what pages left under a key; return what it holds, and this tab's slot. */
export async function gather(key: string): Promise<[Slots, number | undefined]> {
  let slots = await readSlots(key);
  let own = attempt(() => Number(sessionStorage.getItem(`${PREFIX} ${key}`))) || undefined;
  for (const [mark, left] of texts(key)) {
    const slot = await append(key, slots, left);
    if (left.tab === tab()) own = slot ?? left.slot;
    if (slot !== null) discard(mark, key);
    else refused.add(mark);
    slots = await readSlots(key);
  }
  return [slots, own];
}

/** Remember, for as long as the tab lives, that it has this slot. */
export function remember(key: string, slot: number): void {
  attempt(() => sessionStorage.setItem(`${PREFIX} ${key}`, String(slot)));
}

/** Write what was left; return where it is, or null if only the page has it. */
async function append(key: string, slots: Slots, left: Leftover): Promise<number | null> {
  const held = slots.get(left.slot);
  const version = held?.version ?? null;
  const known = left.tails.find((each) => each.after.includes(version));
  const end = known ?? left.tails[0];
  if (!end) return left.slot;
  const before = left.whole ? [] : (held?.operations.slice(0, end.keep) ?? []);
  const { params, attributes, saved } = left;
  const stored = {
    operations: [...before, ...end.rest],
    base: left.whole ? null : (held?.base ?? null),
    params,
    attributes,
    saved,
    version: unique(),
  };
  // What follows another version than the slot's goes into one of its own.
  const written = await writeSlot(key, left.slot, stored, known?.after ?? []);
  return written.safe ? written.slot : null;
}

/** Return what a drawing adds to a version, where it can be said without pictures. */
function tail({ version, operations: old }: Version, operations: readonly Operation[]): Tail[] {
  const start = operations.length ? old.indexOf(operations[0]!) : old.length;
  let same = 0;
  while (start >= 0 && same < operations.length && old[start + same] === operations[same]) same++;
  const rest = operations.slice(same);
  if (start < 0 || rest.some(isPicture)) return [];
  return [{ after: [version], keep: start + same, rest }];
}

function isPicture(operation: Operation): boolean {
  return operation.kind === "picture";
}

function texts(key: string): [string, Leftover][] {
  const found = attempt(() =>
    Object.keys(localStorage).flatMap((name): [string, Leftover][] => {
      const [prefix, mark = "", ...rest] = name.split(" ");
      if (prefix !== PREFIX || rest.join(" ") !== key) return [];
      return [[mark, JSON.parse(localStorage.getItem(name) ?? "") as Leftover]];
    }),
  );
  return (found ?? []).sort(([, a], [, b]) => a.saved - b.saved);
}

/** Return a name of this tab that a reload keeps. */
function tab(): string {
  const name = `${PREFIX} tab`;
  return (
    attempt(() => {
      const known = sessionStorage.getItem(name) ?? unique();
      sessionStorage.setItem(name, known);
      return known;
    }) ?? ""
  );
}

/** Storage may be full, or closed to this page: then it is done without. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
