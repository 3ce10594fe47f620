/** Pieces of sound and of moving pictures, as they travel, and the clock that they are timed by. */

/** What a `media` message carries; times are whole µs on the sender's media clock. */
export interface Piece {
  pts: number;
  duration: number;
  codec: string;
  key: boolean; // whether it can be decoded without those before it
  data: Uint8Array;
  rate?: number; // of sound: samples a second
  channels?: number; // of sound
}

export const PCM = "pcm-s16";
export const PICTURES: Readonly<Record<string, string>> = { jpeg: "image/jpeg", webp: "image/webp", png: "image/png" };

/** The media clock of this side: µs since it was made, by the clock of `performance.now()`. */
export class MediaClock {
  private readonly start: number;
  private readonly last = new Map<string, number>();

  /** `now` in ms. */
  constructor(now: number) {
    this.start = now;
  }

  /** Return a moment (ms) in whole µs; on each track it is greater than the one before. */
  stamp(track: string, at: number): number {
    const us = Math.max(0, Math.round((at - this.start) * 1000));
    const last = this.last.get(track);
    const next = last === undefined ? us : Math.max(us, last + 1);
    this.last.set(track, next);
    return next;
  }
}

/** Return 16-bit samples as bytes, least byte first, whatever this machine's order is. */
export function toBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => view.setInt16(i * 2, sample, true));
  return bytes;
}

/** Return the channels of interleaved 16-bit samples, in -1..1. */
export function toChannels(bytes: Uint8Array, channels: number): Float32Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(bytes.length / 2 / channels);
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: count }, (_, i) => view.getInt16((i * channels + channel) * 2, true) / 32768),
  );
}
