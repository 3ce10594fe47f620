/** Keeps a drawing and its params across reloads, and brings them back. */

import type { Paper } from "./paper.ts";
import type { Settings } from "./settings.ts";
import { load, save } from "./store.ts";

const PAUSE_MS = 300; // between changes of params and writing them

export class Keeping {
  private key: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly paper: Paper, private readonly settings: Settings) {}

  /** Begin to keep under a key, and bring back what was kept; tell whether there was anything. */
  async open(key: string): Promise<boolean> {
    const kept = await load(key);
    this.key = key;
    if (!kept) return false;
    this.settings.restore(kept.params, kept.attributes);
    // Whoever drew before the drawing of last time was read keeps that as the beginning.
    if (this.paper.drawing.empty && !this.paper.drawingNow) await this.paper.restore(kept.operations, kept.base);
    return true;
  }

  /** Keep things as they stand. */
  now(): void {
    clearTimeout(this.timer);
    const { key } = this;
    if (key !== null) void this.write(key);
  }

  /** Keep things soon; for what changes many times a second. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  close(): void {
    this.now();
    this.key = null;
  }

  private async write(key: string): Promise<void> {
    const { operations, hasBase } = this.paper.drawing;
    const state = {
      operations: [...operations],
      params: { ...this.settings.chosen },
      attributes: { ...this.settings.attributes },
    };
    // Without a base nothing is awaited: the write is under way before a page that goes away is gone.
    await save(key, { ...state, base: hasBase ? await this.paper.keepBase() : null });
  }
}
