/** Keeps a drawing and its params across reloads, and brings them back. */

import type { Paper } from "./paper.ts";
import type { Settings } from "./settings.ts";
import { load, save, saveAtOnce } from "./store.ts";
import type { Kept } from "./store.ts";

const PAUSE_MS = 300; // between changes of params and writing them

export class Keeping {
  private key: string | null = null;
  private opened: string | null = null; // the key whose drawing is on the paper
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unsafe = 0; // changes since all was written

  constructor(private readonly paper: Paper, private readonly settings: Settings) {}

  /** Begin to keep under a key, and bring back what was kept; tell whether there was anything. */
  async open(key: string): Promise<boolean> {
    const known = this.opened === key; // the element was only moved within the page
    const kept = known ? null : await load(key);
    this.key = this.opened = key;
    if (!kept) return false;
    this.settings.restore(kept.params, kept.attributes);
    await this.paper.restore(kept.operations, kept.base);
    return true;
  }

  /** Keep things as they stand. */
  now(): void {
    clearTimeout(this.timer);
    const { key } = this;
    if (key !== null) void this.write(key);
  }

  /** Keep what is not safe yet, before this returns. */
  atOnce(): void {
    if (this.key === null || this.unsafe === 0) return;
    const { hasBase } = this.paper.drawing;
    if (!hasBase) saveAtOnce(this.key, { ...this.state(), base: null });
  }

  /** Keep things soon; for what changes many times a second. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
    this.unsafe += 1;
  }

  close(): void {
    this.now();
    this.key = null;
  }

  private async write(key: string): Promise<void> {
    const version = ++this.unsafe;
    const state = this.state();
    await save(key, { ...state, base: await this.paper.keepBase() });
    if (this.unsafe === version) this.unsafe = 0;
  }

  private state(): Omit<Kept, "base"> {
    return {
      operations: [...this.paper.drawing.operations],
      params: { ...this.settings.chosen },
      attributes: { ...this.settings.attributes },
    };
  }
}
