/** Encodes the sound of a film, without a gap. */

import { Resampler } from "../resample.ts";
import { bytesOf, copied } from "./bytes.ts";
import type { HeardSound } from "./heard.ts";
import type { Mp4, Mp4Track } from "./mp4.ts";
import { opus } from "./mp4.ts";

/** How sound is encoded; the delay of this encoder is told, and so can be taken out. */
export function soundOf(sampleRate: number, numberOfChannels: number): AudioEncoderConfig {
  return { codec: "opus", sampleRate, numberOfChannels, bitrate: 96_000 };
}

const CLOSE = 2; // samples: times are whole µs, rates are not
const PACKET_US = 20_000; // where the encoder does not say

export class SoundLine {
  private readonly encoder: AudioEncoder;
  private readonly rate: number;
  private readonly count: number; // channels
  private readonly begins: number; // µs, of the film
  private resampler: Resampler[] = [];
  private from = 0; // Hz, that they resample
  private written = 0; // samples
  private track: Mp4Track | null = null;

  constructor(
    private readonly file: Mp4,
    { channels, rate }: HeardSound,
    begins: number,
    failed: (error: unknown) => void,
  ) {
    [this.rate, this.count, this.begins] = [rate, channels.length, begins];
    this.encoder = new AudioEncoder({ output: (chunk, about) => this.made(chunk, about ?? {}), error: failed });
    this.encoder.configure(soundOf(rate, channels.length));
  }

  /** Another clock begins, and maybe sound of another rate. */
  begin(): void {
    this.from = 0;
  }

  /** Put sound at a time, µs, of the film. */
  add(channels: Float32Array<ArrayBuffer>[], rate: number, at: number): void {
    const all = this.resampled(channels, rate);
    const missing = this.sampleAt(at) - this.written;
    if (missing > CLOSE) this.encode(this.quiet(missing));
    const over = missing < -CLOSE ? -missing : 0; // heard already
    if (over < (all[0]?.length ?? 0)) this.encode(all.map((each) => each.subarray(over)));
  }

  /** Nothing was heard until a time, µs, of the film. */
  silence(until: number): void {
    const missing = this.sampleAt(until) - this.written;
    if (missing > CLOSE) this.encode(this.quiet(missing));
  }

  async close(): Promise<void> {
    const { encoder } = this;
    if (encoder.state === "configured") await encoder.flush().catch(() => undefined); // what failed was told
    if (encoder.state !== "closed") encoder.close();
  }

  private sampleAt(us: number): number {
    return Math.round(((us - this.begins) * this.rate) / 1e6);
  }

  private quiet(count: number): Float32Array[] {
    return Array.from({ length: this.count }, () => new Float32Array(count));
  }

  private resampled(channels: Float32Array[], rate: number): Float32Array[] {
    const all = Array.from({ length: this.count }, (_, i) => channels[i] ?? channels[0]!);
    if (rate === this.rate) return all;
    if (rate !== this.from) {
      this.from = rate;
      this.resampler = all.map(() => new Resampler(rate, this.rate));
    }
    return all.map((each, i) => this.resampler[i]!.push(each));
  }

  private encode(channels: Float32Array[]): void {
    const [{ length: count } = []] = channels;
    if (this.encoder.state !== "configured" || !count) return;
    const data = new Float32Array(count * this.count);
    channels.forEach((each, i) => data.set(each, i * count));
    const sound = new AudioData({
      format: "f32-planar",
      sampleRate: this.rate,
      numberOfFrames: count,
      numberOfChannels: this.count,
      timestamp: Math.round((this.written / this.rate) * 1e6),
      data,
    });
    this.written += count;
    this.encoder.encode(sound);
    sound.close();
  }

  private made(chunk: EncodedAudioChunk, { decoderConfig }: EncodedAudioChunkMetadata): void {
    if (!this.track) {
      const coding = opus(this.count, this.rate, bytesOf(decoderConfig?.description));
      this.track = this.file.add(coding);
      this.track.begins = Math.round((this.begins * coding.timescale) / 1e6);
    }
    const { timescale } = this.track.coding;
    const duration = Math.round(((chunk.duration ?? PACKET_US) * timescale) / 1e6);
    this.file.write(this.track, copied(chunk), this.track.until, duration, true);
  }
}
