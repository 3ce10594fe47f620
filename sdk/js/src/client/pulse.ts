/**
 * Tells a line that broke without a sign, as in a laptop that slept, from a server that is at work.
 *
 * A browser shows a page no ping of the WebSocket. So what is silent for too long is asked, and what
 * does not answer is dead. Time that this side itself missed counts for nothing: who wakes up asks
 * first.
 */

import type { Platform } from "./platform.ts";

const REST_MS = 20_000; // of silence, before it is asked
const DOUBT_MS = 2_500; // the same while something is to come
const ANSWER_MS = 4_000; // for the answer, the first time
const LONGEST_MS = 60_000; // for an answer that came late before
const LATE_MS = 1_000; // by which a timer shows that this side slept
const SLOWEST_BYTES_A_MS = 32; // that a line carries at least, up as well as down

export class Pulse {
  private stopTimer: (() => void) | null = null;
  private asked = false;
  private expecting = false;
  private patienceMs = ANSWER_MS;
  private unansweredBytes = 0; // that went since anything came
  private receivedAt: number; // by the wall clock, which goes on during sleep

  constructor(
    private readonly platform: Platform,
    private readonly ask: () => void,
    private readonly dead: () => void,
  ) {
    this.receivedAt = platform.date();
  }

  /** Say whether something is to come. */
  expect(expecting: boolean): void {
    if (expecting === this.expecting) return;
    this.expecting = expecting;
    if (this.stopTimer && !this.asked) this.rest();
  }

  /** Something went, of so many bytes. */
  sent(bytes: number): void {
    this.unansweredBytes += bytes;
    if (!this.asked && this.platform.date() - this.receivedAt > REST_MS + DOUBT_MS) this.probe();
  }

  /** Something came, at first the connection itself. */
  received(): void {
    if (this.asked) this.patienceMs = ANSWER_MS;
    this.asked = false;
    this.unansweredBytes = 0;
    this.receivedAt = this.platform.date();
    this.rest();
  }

  /** Ask now. */
  probe(): void {
    this.asked = true;
    this.ask();
    this.after(this.patienceMs + this.unansweredBytes / SLOWEST_BYTES_A_MS, () => {
      this.patienceMs = Math.min(LONGEST_MS, 2 * this.patienceMs);
      this.stop();
      this.dead();
    });
  }

  /** The connection is over, or there is none yet. */
  stop(): void {
    this.stopTimer?.();
    this.stopTimer = null;
    this.asked = false;
    this.unansweredBytes = 0;
  }

  private rest(): void {
    this.after(this.expecting ? DOUBT_MS : REST_MS, () => this.probe());
  }

  private after(ms: number, run: () => void): void {
    this.stopTimer?.();
    const due = this.platform.now() + ms;
    this.stopTimer = this.platform.later(() => {
      if (this.platform.now() - due > LATE_MS) this.probe();
      else run();
    }, ms);
  }
}
