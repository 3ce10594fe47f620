/** Takes sound as pages have it, 16 bits or floats, of any rate, in chunks of any size; gives packets of one rate. */

import { LivedraftError } from "../errors.ts";
import { Packets } from "./packets.ts";

export type Samples = Int16Array | Float32Array;

const LEAST_RATE = 4_000;
const MOST_RATE = 192_000;
const REST_S = 0.04; // of silence, which carries the last samples through the resampler and fills a packet

export class Intake {
  private packets: Packets | null = null;
  private rate = 0;
  private begun = false; // samples wait for a whole packet

  /** Give packets of so many Hz. */
  constructor(private readonly to: number) {}

  /** Take the next samples, mono; return the packets that they fill. Throws `invalid_sound`. */
  push(samples: Samples, rate: number): Int16Array[] {
    const floats = floatsOf(samples);
    if (!(rate >= LEAST_RATE && rate <= MOST_RATE)) throw badRate(rate);
    const before = rate === this.rate ? [] : this.rest();
    if (!this.packets || rate !== this.rate) {
      this.packets = new Packets(rate, this.to);
      this.rate = rate;
    }
    this.begun ||= floats.length > 0;
    return [...before, ...this.packets.push([floats]).map((packet) => packet.samples)];
  }

  /** Return what is left, filled up with silence; what comes next begins anew. */
  rest(): Int16Array[] {
    const { packets, begun } = this;
    this.clear();
    if (!packets || !begun || packets.empty) return [];
    return packets.push([new Float32Array(Math.ceil(this.rate * REST_S))]).map((packet) => packet.samples);
  }

  /** Forget what is left. */
  clear(): void {
    this.packets = null;
    this.begun = false;
  }
}

/** Return samples in -1..1; what is no number is silence. */
function floatsOf(samples: Samples): Float32Array {
  if (samples instanceof Int16Array) return Float32Array.from(samples, (sample) => sample / 32768);
  if (samples instanceof Float32Array) return samples.map((sample) => (Number.isFinite(sample) ? sample : 0));
  throw new LivedraftError({
    code: "invalid_sound",
    message: "sound comes as an Int16Array or a Float32Array",
    fix: "pushAudio(new Int16Array(buffer), 24000)",
  });
}

function badRate(rate: number): LivedraftError {
  return new LivedraftError({
    code: "invalid_sound",
    message: `sound of ${rate} Hz`,
    fix: `say its rate, ${LEAST_RATE} to ${MOST_RATE} Hz: pushAudio(pcm, 24000)`,
  });
}
