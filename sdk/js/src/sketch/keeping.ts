/** Keeps a drawing and its params across reloads, and brings them back. */

import { LivedraftError } from "../errors.ts";
import type { Settings } from "../ui/settings.ts";
import { Drawing } from "./drawing.ts";
import type { Identity } from "./identity.ts";
import { claim, release, vacated } from "./identity.ts";
import type { Version } from "./leftovers.ts";
import { discard, gather, leave, remember } from "./leftovers.ts";
import type { Paper } from "./paper.ts";
import type { Kept, Slots, Stored } from "./store.ts";
import { dropSlot, readOld, unique, writeSlot } from "./store.ts";

const PAUSE_MS = 300; // between changes of params and writing them
const NOTHING: Version & { text: string } = { version: null, operations: [], text: "" };

/** `pending`: not read yet, or about to be written; `refused`: by the browser, so it ends with the page. */
export type KeepingState = "pending" | "kept" | "refused";

export interface KeepingEvents {
  failed(error: LivedraftError): void; // told once
  other(take: () => Kept): void; // a drawing of another tab; to take it is to forget it here
}

export class Keeping {
  /** Under which it is kept, once that is known. */
  key = "";
  private slot = 1;
  private identity: Identity | null = null;
  private inPage = false;
  private loading: Promise<void> | null = null;
  private loaded = false; // nothing is written before: it would be written over
  private dirty = false;
  private unsafe = false; // storage refused it
  private writing: Promise<void> | null = null;
  private written = NOTHING;
  private inFlight: Version | null = null;
  private readonly mark = unique(); // of the text that is left
  private warned = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly paper: Paper,
    private readonly settings: Settings,
    private readonly events: KeepingEvents,
  ) {}

  /**
   * Begin to keep, and bring back what was kept; tell whether the element is still in the page.
   *
   * What is on the paper once is kept under the same identity wherever the element moves.
   */
  async open(identify: () => Identity): Promise<boolean> {
    this.inPage = true;
    this.identity ??= identify();
    const { key, given } = this.identity;
    const own = claim(key, this);
    if (this.key !== own) {
      if (given && own !== key)
        console.warn(`livedraft: two elements have the state-key ${key}; each keeps its own drawing, by its place`);
      if (this.key) Object.assign(this, { slot: 1, written: NOTHING, dirty: true });
      this.key = own;
    }
    await (this.loading ??= this.load(own, this.identity.old));
    if (this.dirty) this.now();
    return this.inPage;
  }

  get state(): KeepingState {
    if (!this.loaded || this.dirty || this.writing) return "pending";
    return this.unsafe ? "refused" : "kept";
  }

  /** Keep things as they stand. */
  now(): void {
    clearTimeout(this.timer);
    this.dirty = true;
    if (!this.loaded || !this.key) return;
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  /** Keep things soon; for what changes many times a second. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
    this.dirty = true;
  }

  /** Keep what is not safe yet, before this returns. */
  atOnce(): void {
    if (!this.loaded || !(this.dirty || this.inFlight || this.unsafe)) return;
    const known = this.inFlight ? [this.inFlight, this.written] : [this.written];
    const { hasBase, hasMaskBase } = this.paper.drawing;
    leave(this.mark, this.key, this.slot, this.asItStands(), !hasBase && !hasMaskBase, known);
  }

  /** Stop keeping: the element is taken out of the page. */
  close(): void {
    this.inPage = false;
    if (!this.key) return;
    if (this.dirty) this.now();
    release(this.key, this, this.writing ?? Promise.resolve());
  }

  private async load(key: string, old: string): Promise<void> {
    await vacated(key);
    const [slots, own] = await gather(key);
    const found = newest(slots, own);
    if (found) [this.slot] = found;
    else if (slots.size) this.slot = Math.max(...slots.keys()) + 1;
    const kept = found?.[1] ?? (await readOld(old));
    try {
      if (kept) await this.bring(kept, found?.[1].version ?? null);
    } catch {
      this.slot = Math.max(0, ...slots.keys()) + 1; // what cannot be read stays where it is
      this.written = NOTHING;
      this.events.failed(
        new LivedraftError({ code: "not_kept", message: "the drawing that was kept here could not be read" }),
      );
    }
    this.loaded = true;
    remember(key, this.slot);
    if (own === undefined)
      this.offer([...slots].filter(([slot, each]) => slot !== this.slot && !isEmpty(each)).sort(byAge));
  }

  /** Offer what other tabs left, the newest first. */
  private offer([next, ...more]: [number, Stored][]): void {
    if (!next) return;
    const [slot, other] = next;
    this.events.other(() => {
      void dropSlot(this.key, slot, other.version);
      queueMicrotask(() => this.offer(more));
      return other;
    });
  }

  private async bring(kept: Kept, version: string | null): Promise<void> {
    this.settings.restore(kept.params, kept.attributes);
    await this.paper.restore(kept.operations, kept.base);
    this.written = { version, operations: kept.operations, text: version === null ? "" : words(this.asItStands()) };
  }

  private async write(): Promise<void> {
    while (this.dirty) {
      this.dirty = false;
      const blob = this.paper.keepBase(); // of this moment, as the state
      const state = this.asItStands();
      const text = words(state);
      if (this.written.text === text && same(this.written.operations, state.operations)) continue;
      const version = unique();
      this.inFlight = { version, operations: state.operations };
      const stored = { ...state, base: await blob, version, saved: Date.now() };
      const { slot, safe } = await writeSlot(this.key, this.slot, stored, [this.written.version]);
      this.inFlight = null;
      this.unsafe = !safe;
      if (safe) this.written = { version, operations: state.operations, text };
      else this.refused();
      if (slot !== this.slot) remember(this.key, (this.slot = slot));
    }
    if (!this.unsafe) discard(this.mark, this.key);
  }

  private refused(): void {
    if (this.warned || this.paper.drawing.empty) return;
    this.warned = true;
    this.events.failed(
      new LivedraftError({
        code: "not_kept",
        message: "a reload would lose this drawing: the browser's storage is full or closed to this page",
        fix: "download the picture to keep it, it carries the drawing",
      }),
    );
  }

  private asItStands(): Omit<Kept, "base"> {
    return {
      operations: [...this.paper.drawing.operations],
      params: { ...this.settings.chosen },
      attributes: { ...this.settings.attributes },
    };
  }
}

/** Return the slot that this tab had, or else the one written last. */
function newest(slots: Slots, own: number | undefined): [number, Stored] | null {
  const mine = own === undefined ? undefined : slots.get(own);
  return mine ? [own!, mine] : ([...slots].sort(byAge)[0] ?? null);
}

function byAge([, a]: [number, Stored], [, b]: [number, Stored]): number {
  return b.saved - a.saved;
}

function isEmpty({ operations, base }: Kept): boolean {
  const drawing = new Drawing();
  drawing.restore(operations, base !== null);
  return drawing.empty;
}

function words({ params, attributes }: Pick<Kept, "params" | "attributes">): string {
  return JSON.stringify([params, attributes]);
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
