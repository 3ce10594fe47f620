/**
 * Changes the rate of sound by windowed sinc interpolation (J. O. Smith, "Digital Audio Resampling"),
 * block after block without a seam. It runs in an AudioWorklet, so it needs nothing of a page.
 */

const CROSSINGS = 10; // of zero, on each side: -60 dB of what would alias, from 15 % above the new limit on
const STEPS = 512; // of the table between two crossings; a straight line between its entries is exact to 16 bits

/** The kernel for positive distances, in units of the lower rate's samples. */
const TABLE = Float32Array.from({ length: CROSSINGS * STEPS + 2 }, (_, i) => {
  const x = i / STEPS;
  if (x >= CROSSINGS) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  return sinc * Math.cos((Math.PI * x) / (2 * CROSSINGS)) ** 2; // Hann's window
});

export class Resampler {
  private readonly ratio: number; // samples of the input a sample of the output
  private readonly cutoff: number; // of the lower rate, in units of the input's
  private readonly reach: number; // samples of the input on each side
  private held: Float32Array; // the input's last samples
  private at: number; // where the next sample of the output lies, in `held` and what comes after it

  /** From one rate to another, both in Hz. */
  constructor(from: number, to: number) {
    this.ratio = from / to;
    this.cutoff = Math.min(1, to / from);
    this.reach = Math.ceil(CROSSINGS / this.cutoff);
    this.held = new Float32Array(this.reach); // silence before the beginning
    this.at = this.reach;
  }

  /** Return what the next samples give; the end of them waits for those that follow. */
  push(samples: Float32Array): Float32Array {
    const all = new Float32Array(this.held.length + samples.length);
    all.set(this.held);
    all.set(samples, this.held.length);
    const count = Math.max(0, Math.ceil((all.length - this.reach - this.at) / this.ratio));
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = this.sample(all, this.at + i * this.ratio);
    const next = this.at + count * this.ratio;
    const from = Math.max(0, Math.floor(next) - this.reach);
    this.held = all.slice(from);
    this.at = next - from;
    return out;
  }

  private sample(all: Float32Array, at: number): number {
    const first = Math.max(0, Math.ceil(at - this.reach));
    const last = Math.min(all.length - 1, Math.floor(at + this.reach));
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const x = Math.abs(at - i) * this.cutoff * STEPS;
      const k = Math.floor(x);
      if (k >= CROSSINGS * STEPS) continue;
      const low = TABLE[k]!;
      sum += all[i]! * (low + (x - k) * (TABLE[k + 1]! - low));
    }
    return sum * this.cutoff;
  }
}
