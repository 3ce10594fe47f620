/** The microphone's packets in Opus, where the browser has an encoder for it. */

import type { Piece } from "./piece.ts";
import { PCM } from "./piece.ts";

export const OPUS = "opus";
const BITRATE = 32_000; // bit/s: speech at its best

export class Voice {
  private encoder: AudioEncoder | null = null;
  private last = -1; // µs

  /** Where it fails the pieces go on as they come, in PCM. */
  constructor(private readonly made: (piece: Piece) => void) {
    if (typeof AudioEncoder === "undefined") this.failed = true;
  }

  failed = false;

  /** Take a piece of PCM of 16 bits. */
  push(piece: Piece): void {
    const { rate: sampleRate = 0, channels: numberOfChannels = 1, data, pts: timestamp } = piece;
    if (this.failed || piece.codec !== PCM) return this.made(piece);
    try {
      this.encoder ??= this.open(sampleRate, numberOfChannels);
      const numberOfFrames = data.length / 2 / numberOfChannels;
      const samples = data.slice() as Uint8Array<ArrayBuffer>;
      const sound = { format: "s16" as const, sampleRate, numberOfChannels, numberOfFrames, timestamp, data: samples };
      const audio = new AudioData(sound);
      this.encoder.encode(audio);
      audio.close();
    } catch {
      this.fail();
      this.made(piece);
    }
  }

  close(): void {
    if (this.encoder && this.encoder.state !== "closed") this.encoder.close();
    this.encoder = null;
  }

  private open(rate: number, channels: number): AudioEncoder {
    const encoder = new AudioEncoder({
      output: (chunk) => this.take(chunk, rate, channels),
      error: () => this.fail(),
    });
    encoder.configure({ codec: OPUS, sampleRate: rate, numberOfChannels: channels, bitrate: BITRATE });
    return encoder;
  }

  private take(chunk: EncodedAudioChunk, rate: number, channels: number): void {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const pts = Math.max(0, this.last + 1, chunk.timestamp);
    this.last = pts;
    const duration = chunk.duration ?? 20_000;
    this.made({ pts, duration, codec: OPUS, key: true, data, rate, channels });
  }

  private fail(): void {
    this.failed = true;
    this.close();
  }
}
