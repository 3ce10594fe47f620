/** Cuts sound into packets: 16 bits, 20 ms each, mono for the wire. It runs in an AudioWorklet. */

import { Resampler } from "./resample.ts";

export const RATE = 16_000; // Hz, what speech models take
export const PACKET_MS = 20;

export interface Packet {
  samples: Int16Array<ArrayBuffer>; // of the channels in turn
  level: number; // 0..1, root mean square
}

export class Packets {
  private readonly resamplers: (Resampler | null)[];
  private readonly size: number; // samples of a packet, of a channel
  private waiting: Float32Array[]; // by channel

  /** Take sound of so many Hz; give packets of so many, and of so many channels. */
  constructor(
    from: number,
    to = RATE,
    private readonly count = 1,
  ) {
    this.size = Math.round((to * PACKET_MS) / 1000);
    this.resamplers = Array.from({ length: count }, () => (from === to ? null : new Resampler(from, to)));
    this.waiting = Array.from({ length: count }, () => new Float32Array(0));
  }

  /** Whether nothing waits for more: all that came has gone. */
  get empty(): boolean {
    return this.resamplers.every((each) => !each) && this.waiting.every((each) => each.length === 0);
  }

  /** Take the next samples of all channels; return the packets that they fill. */
  push(channels: readonly Float32Array[]): Packet[] {
    const given = this.count === 1 ? [mixed(channels)] : spread(channels, this.count);
    const all = given.map((each, i) => joined(this.waiting[i]!, this.resamplers[i]?.push(each) ?? each));
    const { size } = this;
    const count = Math.floor(all[0]!.length / size);
    this.waiting = all.map((each) => each.slice(count * size));
    return Array.from({ length: count }, (_, i) => packet(all.map((each) => each.subarray(i * size, (i + 1) * size))));
  }
}

function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (!others.length) return first;
  return first.map((sample, i) => others.reduce((sum, each) => sum + each[i]!, sample) / channels.length);
}

/** Return so many channels: what is mono is heard on all. */
function spread(channels: readonly Float32Array[], count: number): Float32Array[] {
  return Array.from({ length: count }, (_, i) => channels[i] ?? channels[0] ?? new Float32Array(0));
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function packet(channels: Float32Array[]): Packet {
  const samples = new Float32Array(channels.length * channels[0]!.length);
  channels.forEach((each, i) => each.forEach((sample, at) => (samples[at * channels.length + i] = sample)));
  const whole = Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return { samples: whole as Int16Array<ArrayBuffer>, level: Math.min(1, Math.sqrt(power)) };
}
