/**
 * The way of a page's sound to the session: packets go as far ahead of what is spoken as is of use, and
 * who pours faster waits.
 */

import { LivedraftError } from "../../errors.ts";
import type { Samples } from "../../media/intake.ts";
import { Intake } from "../../media/intake.ts";
import { PACKET_MS } from "../../media/packets.ts";

/** Where packets go, and the clock. */
export interface Drain {
  /** Send a packet that follows the one before at `at` (ms); tell whether it went. */
  send(samples: Int16Array, rate: number, at: number): boolean;
  now(): number; // ms
  later(run: () => void, ms: number): () => void;
}

const AHEAD_MS = 4000; // of what is spoken: pages in the background are woken once a second
const MOST_MS = 120_000; // that wait here; who ignores the promise is told
const RETRY_MS = 100; // while there is no connection
const REST_MS = 150; // without more, after which the rest of a packet goes

interface Waiting {
  packets: Int16Array[];
  gone(): void;
}

export class Pouring {
  private intake: Intake | null = null;
  private readonly line: Waiting[] = [];
  private until = 0; // ms, by the page's clock: when all that went has been spoken
  private timer: (() => void) | null = null;
  private resting: (() => void) | null = null;

  constructor(
    private readonly drain: Drain,
    private readonly rate: () => number, // Hz, that the session takes
  ) {}

  /** Take sound; resolves when more is welcome. Throws `invalid_sound`, or `sound_line_full`. */
  push(samples: Samples, rate: number): Promise<void> {
    if (this.waitingMs > MOST_MS) throw full();
    this.resting?.();
    this.resting = null;
    this.intake ??= new Intake(this.rate());
    return this.put(this.intake.push(samples, rate));
  }

  /** Throw away what waits, as after an interruption; who waited for it waits no longer. */
  drop(): void {
    this.timer?.();
    this.resting?.();
    this.timer = this.resting = this.intake = null;
    this.until = 0;
    for (const each of this.line.splice(0)) each.gone();
  }

  /** ms of sound that wait here. */
  get waitingMs(): number {
    return this.line.reduce((sum, each) => sum + each.packets.length * PACKET_MS, 0);
  }

  private put(packets: Int16Array[]): Promise<void> {
    return new Promise((gone) => {
      this.line.push({ packets, gone });
      this.pump();
    });
  }

  private pump(): void {
    if (this.timer) return;
    while (this.line.length) {
      const { packets, gone } = this.line[0]!;
      while (packets.length) {
        const now = this.drain.now();
        const early = this.until - now - AHEAD_MS;
        if (early > 0) return this.wait(early);
        const at = Math.max(now, this.until);
        if (!this.drain.send(packets[0]!, this.rate(), at)) return this.wait(RETRY_MS);
        packets.shift();
        this.until = at + PACKET_MS;
      }
      this.line.shift();
      gone();
    }
    this.resting ??= this.drain.later(() => {
      this.resting = null;
      const rest = this.intake?.rest() ?? [];
      if (rest.length) void this.put(rest);
    }, REST_MS);
  }

  private wait(ms: number): void {
    this.timer = this.drain.later(() => {
      this.timer = null;
      this.pump();
    }, ms);
  }
}

function full(): LivedraftError {
  return new LivedraftError({
    code: "sound_line_full",
    message: `${MOST_MS / 1000} s of sound wait already`,
    fix: "await el.pushAudio(…): it resolves when more is welcome",
  });
}
