/** Cuts sound into packets for the wire: mono, 16 bits, 20 ms each. It runs in an AudioWorklet. */

import { Resampler } from "./resample.ts";

export const RATE = 16_000; // Hz, what speech models take
export const PACKET_MS = 20;

export interface Packet {
  samples: Int16Array<ArrayBuffer>;
  level: number; // 0..1, root mean square
}

export class Packets {
  private readonly resampler: Resampler | null;
  private readonly size: number; // samples of a packet
  private waiting = new Float32Array(0);

  /** Take sound of so many Hz; give packets of so many. */
  constructor(from: number, to = RATE) {
    this.size = Math.round((to * PACKET_MS) / 1000);
    this.resampler = from === to ? null : new Resampler(from, to);
  }

  /** Whether nothing waits for more: all that came has gone. */
  get empty(): boolean {
    return !this.resampler && this.waiting.length === 0;
  }

  /** Take the next samples of all channels; return the packets that they fill. */
  push(channels: readonly Float32Array[]): Packet[] {
    const mono = mixed(channels);
    const samples = this.resampler ? this.resampler.push(mono) : mono;
    const all = new Float32Array(this.waiting.length + samples.length);
    all.set(this.waiting);
    all.set(samples, this.waiting.length);
    const { size } = this;
    const count = Math.floor(all.length / size);
    this.waiting = all.slice(count * size);
    return Array.from({ length: count }, (_, i) => packet(all.subarray(i * size, (i + 1) * size)));
  }
}

function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (!others.length) return first;
  return first.map((sample, i) => others.reduce((sum, each) => sum + each[i]!, sample) / channels.length);
}

function packet(samples: Float32Array): Packet {
  const whole = Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return { samples: whole as Int16Array<ArrayBuffer>, level: Math.min(1, Math.sqrt(power)) };
}
