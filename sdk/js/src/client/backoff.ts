/** Waiting times between attempts to connect: exponential with jitter, reset by a success. */

const FIRST_MS = 250;
const LONGEST_MS = 8000;

export class Backoff {
  private attempts = 0;

  constructor(private readonly random: () => number) {}

  /** Return the next waiting time in ms, between half and all of 250, 500, 1000, … 8000. */
  next(): number {
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    return full * (0.5 + 0.5 * this.random());
  }

  reset(): void {
    this.attempts = 0;
  }
}
