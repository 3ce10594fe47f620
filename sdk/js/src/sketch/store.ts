/**
 * Keeps drawings in IndexedDB. A key has numbered slots, one for each page that draws under it.
 *
 * A write says which version it follows. Where the slot holds another by now, which another page
 * wrote, it goes into a free slot: nothing that was not seen is overwritten.
 */

import type { Params } from "../client/protocol.ts";
import type { Operation } from "./drawing.ts";

export interface Kept {
  operations: readonly Operation[];
  base: Blob | null; // operations too old to undo, painted
  params: Params; // what the user chose
  attributes: Params; // what the page asked for then; where it asks for another now, it wins
}

export interface Stored extends Kept {
  version: string; // another for each write
  saved: number; // ms since 1970
}

export type Slots = Map<number, Stored>;

const NAME = "livedraft";
const STORE = "drawings";
const VERSIONS = "versions";

/** What the database did not take, by key; it lasts as long as the page. */
const memory = new Map<string, Slots>();
let database: Promise<IDBDatabase | null> | null = null;

/** Return a name that nothing else has; `crypto.randomUUID` is for pages of https alone. */
export function unique(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((each) => each.toString(36)).join("");
}

/** Return all that is kept under a key. */
export async function readSlots(key: string): Promise<Slots> {
  const kept = await within("readonly", async (store) => {
    const [names, values] = [store.getAllKeys(slotsOf(key)), store.getAll(slotsOf(key))];
    const slots = (await answer(names)).map((name) => (name as [string, number])[1]);
    return (await answer(values)).map((value, i) => [slots[i] as number, value as Stored] as const);
  });
  return new Map([...(kept ?? []), ...(memory.get(key) ?? [])]);
}

/**
 * Write a slot that is free or holds one of the versions `before`, or else a free one; tell which,
 * and whether it is safe.
 */
export async function writeSlot(
  key: string,
  slot: number,
  stored: Stored,
  before: readonly (string | null)[],
): Promise<{ slot: number; safe: boolean }> {
  const written = await within("readwrite", async (store) => {
    const versions = await versionsOf(store, key);
    const held = versions[slot];
    const own = held === undefined || before.includes(held) ? slot : Math.max(...Object.keys(versions).map(Number)) + 1;
    store.put({ ...versions, [own]: stored.version }, [VERSIONS, key]);
    store.put(stored, [key, own]);
    return own;
  });
  const slots = memory.get(key) ?? new Map<number, Stored>();
  slots.delete(slot);
  if (written === null) memory.set(key, slots.set(slot, stored));
  return { slot: written ?? slot, safe: written !== null };
}

/** Forget a slot, unless it holds another version by now. */
export async function dropSlot(key: string, slot: number, version: string): Promise<void> {
  memory.get(key)?.delete(slot);
  await within("readwrite", async (store) => {
    const { [slot]: held, ...others } = await versionsOf(store, key);
    if (held !== version) return;
    store.put(others, [VERSIONS, key]);
    store.delete([key, slot]);
  });
}

/** Return what an earlier version of this script kept under one of its keys. */
export async function readOld(key: string): Promise<Kept | null> {
  try {
    const text = localStorage.getItem(`${NAME} ${key}`);
    if (text !== null) return JSON.parse(text) as Kept;
  } catch {
    // a page without storage, or a text that is not ours
  }
  return within("readonly", async (store) => ((await answer(store.get(key))) as Kept | undefined) ?? null);
}

/** Return the versions by slot, which are kept apart so that a write reads no drawing. */
async function versionsOf(store: IDBObjectStore, key: string): Promise<Record<number, string>> {
  return ((await answer(store.get([VERSIONS, key]))) as Record<number, string> | undefined) ?? {};
}

function slotsOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key], [key, []]);
}

/** Do something in one transaction; null where there is no database, or where it refuses. */
async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T | null> {
  database ??= connect();
  try {
    const transaction = (await database)?.transaction(STORE, mode);
    if (!transaction) return null;
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
    const [result] = await Promise.all([work(transaction.objectStore(STORE)), done]);
    return result;
  } catch {
    return null; // full, or closed by the browser
  }
}

function connect(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    const forget = (): void => void (database = null); // and connect anew next time
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => {
        const { result } = request;
        result.onclose = forget; // its site's data were cleared
        result.onversionchange = () => {
          result.close();
          forget();
        };
        resolve(result);
      };
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null); // a sandboxed frame
    }
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("refused"));
  });
}
