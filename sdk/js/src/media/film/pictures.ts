/** Encodes the pictures of a film, each for its time. */

import { bytesOf, copied } from "./bytes.ts";
import type { Mp4, Mp4Track } from "./mp4.ts";
import { h264, TIMESCALE, vp9 } from "./mp4.ts";

/** What pictures are encoded in, best first: what most players play. */
export const PICTURES: readonly string[] = ["avc1.42E01F", "vp09.00.31.08"];
export const FRAME_US = 40_000; // usually
const LARGE = 1280 * 720; // px; of more H.264 has another level
const BITS_A_PIXEL = 11; // and second: a face of 512² px at its best in 3 Mbit/s
const KEY_EVERY_US = 2_000_000; // so that players can seek
const MOST = 50; // pictures that the encoder has waiting; more are left out

export class PictureLine {
  some = false; // were encoded
  private readonly encoder: VideoEncoder;
  private readonly canvas: OffscreenCanvas; // one size, whatever comes, and even sides
  private track: Mp4Track | null = null;
  private held: EncodedVideoChunk | null = null; // until it is known how long it is seen
  private newest = -Infinity; // µs
  private key = -Infinity; // µs, of the newest that needs none before it

  constructor(
    private readonly file: Mp4,
    private readonly codec: string,
    { width, height }: { width: number; height: number },
    failed: (error: unknown) => void,
  ) {
    this.canvas = new OffscreenCanvas(even(width), even(height));
    this.encoder = new VideoEncoder({ output: (chunk, about) => this.made(chunk, about ?? {}), error: failed });
    this.encoder.configure(configuration(codec, this.canvas.width, this.canvas.height));
  }

  /** Tell whether it was taken. */
  add(picture: ImageBitmap | VideoFrame, at: number): boolean {
    const { canvas, encoder } = this;
    if (encoder.state !== "configured" || encoder.encodeQueueSize > MOST || at <= this.newest) return false;
    const { width, height } = canvas;
    canvas.getContext("2d", { alpha: false })!.drawImage(picture, 0, 0, width, height);
    const frame = new VideoFrame(canvas, { timestamp: Math.round(at) });
    const keyFrame = at - this.key >= KEY_EVERY_US;
    if (keyFrame) this.key = at;
    this.newest = at;
    encoder.encode(frame, { keyFrame });
    frame.close();
    return true;
  }

  /** End at a time, µs, of the film. */
  async close(end: number): Promise<void> {
    const { encoder } = this;
    if (encoder.state === "configured") await encoder.flush().catch(() => undefined); // what failed was told
    if (this.held) this.write(this.held, Math.max(end, this.held.timestamp + FRAME_US));
    if (encoder.state !== "closed") encoder.close();
  }

  private made(chunk: EncodedVideoChunk, { decoderConfig }: EncodedVideoChunkMetadata): void {
    const { width, height } = this.canvas;
    this.track ??= this.file.add(
      this.codec.startsWith("avc1")
        ? h264(width, height, bytesOf(decoderConfig?.description) ?? new Uint8Array())
        : vp9(width, height, decoderConfig?.codec ?? this.codec),
    );
    if (this.held) this.write(this.held, chunk.timestamp);
    this.held = chunk;
    this.some = true;
  }

  private write(chunk: EncodedVideoChunk, until: number): void {
    const at = unitsOf(chunk.timestamp);
    if (this.track) this.file.write(this.track, copied(chunk), at, unitsOf(until) - at, chunk.type === "key");
  }
}

/** Return how pictures of a size are encoded. */
export function configuration(codec: string, width: number, height: number): VideoEncoderConfig {
  const moving = codec.startsWith("avc1");
  return {
    codec: moving && width * height > LARGE ? "avc1.42E033" : codec,
    ...(moving ? { avc: { format: "avc" as const } } : {}),
    width,
    height,
    framerate: 1e6 / FRAME_US,
    bitrate: width * height * BITS_A_PIXEL,
  };
}

function even(side: number): number {
  return Math.max(2, 2 * Math.round(side / 2));
}

function unitsOf(us: number): number {
  return Math.round((us * TIMESCALE) / 1e6);
}
