/** Tries WebRTC beside a connection that is open, which loses nothing where it cannot be had. */

import type { Attempt, AttemptEvents } from "./attempt.ts";
import type { Platform } from "./platform.ts";

export type Via = "websocket" | "webrtc";

const REST_MS = 60_000; // after a failure, doubled by each
const LONGEST_REST_MS = 16 * REST_MS;
const BRIEF_MS = 10_000; // a connection that held no longer counts as a failure

export class Upgrade {
  private attempt: Attempt | null = null;
  private failures = 0;
  private after = 0; // ms, before when it is not tried again
  private stoodAt = 0;
  private stood = false; // whether the session goes by it
  private why = ""; // it does not

  constructor(
    private readonly platform: Platform,
    private readonly call: (events: AttemptEvents) => Attempt,
    private readonly stands: (attempt: Attempt, token: string) => void, // go on over it, as who has this token
    private readonly goesBy: (via: Via, why: string) => void, // the session, from now on; `why` not by WebRTC
  ) {}

  /** Try, unless that failed not long ago. */
  begin(): void {
    if (this.attempt || this.platform.now() < this.after) return;
    const failed = (why: string): void => this.fail(why);
    const attempt = this.call({
      open: (token) => {
        this.attempt = null;
        this.stoodAt = this.platform.now();
        this.stands(attempt, token);
      },
      message: () => undefined, // there are none before `open`
      lost: ({ reason }) => failed(reason),
      failed: (_code, message) => failed(message ?? "no way for its packets"),
      impossible: (error) => failed(String(error)),
    });
    this.attempt = attempt;
  }

  /** A session is open, over WebRTC or not. */
  opened(webrtc: boolean): void {
    if (webrtc !== this.stood) this.goesBy(webrtc ? "webrtc" : "websocket", webrtc ? "" : this.why);
    this.stood = webrtc;
  }

  /** What stood broke; where it does so again and again, it rests. */
  broke(why: string): void {
    this.why = why;
    if (this.platform.now() - this.stoodAt < BRIEF_MS) this.rest();
    else this.failures = 0;
  }

  /** The network is another one: what failed before may succeed. */
  forgive(): void {
    this.failures = this.after = 0;
  }

  /** Try no more. */
  end(code: number): void {
    this.attempt?.end(code);
    this.attempt = null;
  }

  private fail(why: string): void {
    this.end(1000);
    this.rest();
    this.why = why;
    this.goesBy("websocket", why);
  }

  private rest(): void {
    this.after = this.platform.now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** this.failures);
    this.failures += 1;
  }
}
