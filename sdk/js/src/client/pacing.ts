/**
 * When the next input may go: at most two in flight, and the second as late as keeps the model busy.
 *
 * An input sent early only waits in the server's slot and ages there. So the second goes when the
 * model is about to be done with the first, less the time that it needs to get there itself. The
 * Python client decides the same, by tests/vectors/pacing.json.
 */

const MARGIN_MS = 10; // what a paint and a busy machine may add
const WEIGHT = 0.2; // of the newest measure in the running means
const MOMENTS = ["queued", "prepared", "decoded", "sent"] as const; // of a frame that teaches anything

/** Of a frame, ms; see the protocol. */
export type Timings = Readonly<Record<string, number>>;

/** When the first and the last pointer event of some ink happened, ms. */
export type Span = readonly [first: number, last: number];

export interface Flight {
  sent: number; // ms
  pen: Span | null; // null: no ink in it
  encodeMs: number;
  heldMs: number; // it waited here for an answer to others
}

export class Pacing {
  static readonly MAX_IN_FLIGHT = 2;
  private readonly flights = new Map<number, Flight>();
  private free = -Infinity; // ms, when the model was done with the last that was answered
  private leadMs = 0; // running mean: the way there, and preparing it for the model
  private workMs = 0; // running mean of the model's time
  private encodedMs = 0; // running mean of encoding here

  get inFlight(): number {
    return this.flights.size;
  }

  /** Return how long the next encoded input has to wait, in ms; Infinity until an answer comes. */
  wait(now: number): number {
    if (this.flights.size >= Pacing.MAX_IN_FLIGHT) return Infinity;
    const [oldest] = this.flights.values();
    if (!oldest) return 0;
    const done = Math.max(oldest.sent + this.leadMs, this.free) + this.workMs;
    return Math.max(0, done - this.leadMs - MARGIN_MS - now);
  }

  /** Return the same for one that has to be encoded first. */
  waitToEncode(now: number): number {
    return Math.max(0, this.wait(now) - this.encodedMs);
  }

  /** Another model answers from now on, at a pace of its own. */
  reset(): void {
    this.flights.clear();
    this.free = -Infinity;
    this.leadMs = this.workMs = this.encodedMs = 0;
  }

  sent(id: number, flight: Flight): void {
    this.flights.set(id, flight);
  }

  /** Take what a frame of this id answers: the newest flight, with the ink of all. */
  answered(id: number, now: number, timings: Timings): Flight | null {
    let found: Flight | null = null;
    let pen: Span | null = null;
    for (const [each, flight] of this.flights) {
      if (each > id) continue;
      this.flights.delete(each);
      pen = joined(pen, flight.pen);
      found = { ...flight, pen };
    }
    if (found) this.learn(found, now, timings);
    return found;
  }

  /** Forget one id, or all: an error or a lost connection answers them. */
  forget(id?: number): void {
    if (id === undefined) this.flights.clear();
    else this.flights.delete(id);
  }

  private learn(flight: Flight, now: number, timings: Timings): void {
    if (flight.encodeMs) this.encodedMs = mix(this.encodedMs, flight.encodeMs);
    if (!MOMENTS.every((name) => Number.isFinite(timings[name]) && timings[name]! >= 0)) return;
    const { queued = 0, prepared = 0, decoded = 0, sent = 0 } = timings;
    const way = Math.max(0, now - flight.sent - sent) / 2;
    this.free = now - way - (sent - decoded);
    this.leadMs = mix(this.leadMs, way + prepared - queued);
    this.workMs = mix(this.workMs, decoded - prepared);
  }
}

/** Return the span of both; either may be missing. */
export function joined(a: Span | null, b: Span | null): Span | null {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function mix(mean: number, value: number): number {
  return mean ? mean + WEIGHT * (value - mean) : value;
}
