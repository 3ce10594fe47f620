/** The session's ways for speech, and who waits until one is open. */

import { browser } from "../client/platform.ts";
import type { LiveSession } from "../client/session.ts";
import { sessionClosed } from "../errors.ts";
import { RATE } from "../media/packets.ts";
import type { Live } from "../ui/live.ts";
import type { Drain } from "./voice/pouring.ts";

export class Ways implements Drain {
  private waiting: { open(session: LiveSession): void; never(error: Error): void }[] = [];

  constructor(private readonly live: Live) {}

  /** Resolve with the session once it is open; reject where none will be. */
  open(): Promise<LiveSession> {
    const { session } = this.live;
    if (session?.model && session.state !== "closed") return Promise.resolve(session);
    return new Promise((open, never) => this.waiting.push({ open, never }));
  }

  /** A session opened. */
  opened(): void {
    const { session } = this.live;
    for (const each of this.waiting.splice(0)) if (session) each.open(session);
  }

  /** None will. */
  closed(): void {
    for (const each of this.waiting.splice(0)) each.never(sessionClosed());
  }

  /** Hz that the session takes sound at. */
  get rate(): number {
    return this.live.voice?.rate || RATE;
  }

  send(samples: Int16Array, rate: number, at: number): boolean {
    return this.live.push(samples, rate, at);
  }

  now(): number {
    return browser.now();
  }

  later(run: () => void, ms: number): () => void {
    return browser.later(run, ms);
  }
}
