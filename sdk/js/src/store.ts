/** Keeps drawings across reloads in IndexedDB; in memory alone where a page may not use that. */

import type { Operation } from "./drawing.ts";
import type { Params } from "./protocol.ts";

export interface Kept {
  operations: readonly Operation[];
  base: Blob | null; // operations too old to undo, painted
  params: Params; // what the user chose
  attributes: Params; // what the page asked for then; where it asks for another now, it wins
}

const NAME = "livedraft";
const STORE = "drawings";

/** What this page kept, by key: a component that is taken out and put back finds it at once. */
const memory = new Map<string, Kept>();
let database: Promise<IDBDatabase | null> | null = null;

export async function load(key: string): Promise<Kept | null> {
  const kept = memory.get(key) ?? left(key);
  if (kept) return kept;
  const store = await objects("readonly");
  return store ? await answer<Kept | null>(store.get(key)) : null;
}

export async function save(key: string, kept: Kept): Promise<void> {
  memory.set(key, kept);
  const store = await objects("readwrite");
  if (!store) return;
  await answer(store.put(kept, key));
  text()?.removeItem(name(key));
}

/**
 * Keep a drawing before this returns, for a page that goes away: what it leaves to the database
 * then may be lost. Pictures do not fit here and are in the database already.
 */
export function saveAtOnce(key: string, kept: Kept): void {
  memory.set(key, kept);
  if (kept.base || kept.operations.some((operation) => operation.kind === "picture")) return;
  try {
    text()?.setItem(name(key), JSON.stringify(kept));
  } catch {
    // no room: what the database has stays
  }
}

/** Return what a page left behind when it went away. */
function left(key: string): Kept | null {
  try {
    return JSON.parse(text()?.getItem(name(key)) ?? "null") as Kept | null;
  } catch {
    return null; // not ours
  }
}

function name(key: string): string {
  return `livedraft ${key}`;
}

function text(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // a sandboxed frame
  }
}

async function objects(mode: IDBTransactionMode): Promise<IDBObjectStore | null> {
  database ??= connect();
  return (await database)?.transaction(STORE, mode).objectStore(STORE) ?? null;
}

function connect(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null); // a sandboxed frame
    }
  });
}

function answer<T>(request: IDBRequest): Promise<T | null> {
  return new Promise((resolve) => {
    request.onsuccess = () => resolve((request.result as T | undefined) ?? null);
    request.onerror = () => resolve(null); // the disk is full: the copy in memory stays
  });
}
