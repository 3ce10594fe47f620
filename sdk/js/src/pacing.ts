/**
 * When the next input may go: at most two in flight, and the second as late as keeps the model busy.
 *
 * An input sent early only waits in the server's slot and ages there. So the second goes when the
 * model is about to be done with the first, less the time that it needs to get there itself.
 */

const MARGIN_MS = 10; // what a paint and a busy machine may add
const WEIGHT = 0.2; // of the newest measure in the running means

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
  private doneMs = 0; // running mean: from sent until the model is free for the next
  private leadMs = 0; // running mean: encoding, the way there, and preparing it for the model

  get inFlight(): number {
    return this.flights.size;
  }

  /** Return how long the next input has to wait, in ms; Infinity until an answer comes. */
  wait(now: number): number {
    if (this.flights.size >= Pacing.MAX_IN_FLIGHT) return Infinity;
    const [oldest] = this.flights.values();
    if (!oldest) return 0;
    return Math.max(0, oldest.sent + this.doneMs - this.leadMs - MARGIN_MS - now);
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
    const { queued = 0, prepared = queued, sent = 0, decoded = sent } = timings;
    const way = Math.max(0, now - flight.sent - sent) / 2;
    const lead = flight.encodeMs + way + Math.max(0, prepared - queued);
    this.doneMs = this.doneMs ? mix(this.doneMs, way + decoded) : way + decoded;
    this.leadMs = this.leadMs ? mix(this.leadMs, lead) : lead;
  }
}

/** Return the span of both; either may be missing. */
export function joined(a: Span | null, b: Span | null): Span | null {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function mix(mean: number, value: number): number {
  return mean + WEIGHT * (value - mean);
}
