/** Measures of a session over its last frames: rate, latency, and the stage that limits it. */

export type Limit = "model" | "network" | "encode" | "browser" | "queue";

export interface Stats {
  fps: number; // frames shown in the last second
  penToPixelMs: number; // median over frames; of each, the mean age of its ink when shown
  modelMs: number;
  encodeMs: number; // of the drawing, here
  networkMs: number; // both ways
  serverMs: number; // from received to sent, all of the server's stages
  queueMs: number; // of serverMs: waiting for others
  browserMs: number; // coalescing, decoding, painting
  dropped: number; // inputs superseded so far
  limiting: Limit;
}

export interface Sample {
  penToPixelMs: number | null; // null: nothing was drawn for this frame
  encodeMs: number;
  roundTripMs: number; // from handed to the socket to received whole
  timings: Readonly<Record<string, number>>; // of the frame, ms
  browserMs: number;
  dropped: number;
  receivedAt: number; // ms, when it had come whole
  at: number; // ms, when it was shown
}

const WINDOW = 60; // frames

export class Meter {
  private samples: Sample[] = [];
  private dropped = 0;

  add(sample: Sample): void {
    this.samples.push(sample);
    if (this.samples.length > WINDOW) this.samples.shift();
    this.dropped += sample.dropped;
  }

  stats(now: number): Stats {
    const of = (pick: (sample: Sample) => number): number => median(this.samples.map(pick));
    const stages = {
      model: of((s) => s.timings["model"] ?? 0),
      network: of((s) => Math.max(0, s.roundTripMs - (s.timings["sent"] ?? 0))),
      encode: of((s) => s.encodeMs),
      browser: of((s) => s.browserMs),
      queue: of(waiting),
    };
    const drawn = this.samples.flatMap((s) => (s.penToPixelMs === null ? [] : [s.penToPixelMs]));
    return {
      fps: this.samples.filter((s) => now - s.at < 1000).length,
      penToPixelMs: median(drawn),
      modelMs: stages.model,
      encodeMs: stages.encode,
      networkMs: stages.network,
      serverMs: of((s) => s.timings["sent"] ?? 0),
      queueMs: stages.queue,
      browserMs: stages.browser,
      dropped: this.dropped,
      limiting: largest(stages),
    };
  }
}

/**
 * Return the time in ms that a frame waited for other sessions: in its turn between steps, and in
 * the slot beyond one model call, which is the wait for this session's own frame before.
 */
function waiting({ timings }: Sample): number {
  const model = timings["model"] ?? 0;
  const turns = (timings["stepped"] ?? 0) - (timings["prepared"] ?? 0) - model;
  return Math.max(0, turns) + Math.max(0, (timings["queued"] ?? 0) - model);
}

function largest(stages: Record<Limit, number>): Limit {
  const names = Object.keys(stages) as Limit[];
  return names.reduce((best, name) => (stages[name] > stages[best] ? name : best));
}

export function median(values: readonly number[]): number {
  if (!values.length) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
