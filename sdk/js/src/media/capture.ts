/** Moving pictures as pieces for the wire: frames of a video element, no more than can go. */

import type { LivedraftError } from "../errors.ts";
import { LivedraftError as Failure } from "../errors.ts";
import type { MediaClock, Piece } from "./piece.ts";

export interface Format {
  width: number; // px
  height: number; // px
  rate: number; // frames a second, at most
  codec: string; // jpeg, webp, vp8 or h264
}

export interface CaptureEvents {
  /** Whether the line takes another piece; frames are left out while it does not. */
  room(): boolean;
  piece(piece: Piece, capturedAt: number): void;
  failed(error: LivedraftError): void;
}

interface FrameEncoder {
  /** Null where the encoder left the frame out, to keep to its rate. */
  encode(video: HTMLVideoElement, pts: number, duration: number): Promise<Piece | null>;
  close(): void;
}

const SLACK = 0.8; // of a frame's time: a camera of 30 frames a second does not tick exactly

export class Capture {
  captured = 0;
  /** Frames that were left out: the line, or the encoder, was busy. */
  skipped = 0;
  private encoder: FrameEncoder;
  private busy = false;
  private last = -Infinity; // ms, of the newest that went
  private running = true;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly format: Format,
    private readonly clock: MediaClock,
    private readonly track: string,
    private readonly events: CaptureEvents,
  ) {
    this.encoder = encoderOf(format);
    this.next();
  }

  close(): void {
    this.running = false;
    this.encoder.close();
  }

  private next(): void {
    if (!this.running) return;
    // Not in all browsers; without, each paint may show a new frame.
    if ("requestVideoFrameCallback" in this.video) {
      this.video.requestVideoFrameCallback((now, { captureTime }) => this.frame(captureTime ?? now));
    } else requestAnimationFrame((now) => this.frame(now));
  }

  private frame(at: number): void {
    this.next();
    if (!this.running || at - this.last < (SLACK * 1000) / this.format.rate) return;
    if (this.busy || !this.events.room()) {
      this.skipped += 1;
      return;
    }
    this.last = at;
    this.captured += 1;
    this.busy = true;
    void this.encode(at).finally(() => (this.busy = false));
  }

  private async encode(at: number): Promise<void> {
    const duration = Math.round(1e6 / this.format.rate);
    try {
      const piece = await this.encoder.encode(this.video, this.clock.stamp(this.track, at), duration);
      if (piece && this.running) this.events.piece(piece, at);
    } catch (error) {
      if (!this.running) return;
      this.encoder.close();
      this.encoder = encoderOf(this.format);
      this.events.failed(
        new Failure({ code: "encode", message: `a frame could not be encoded: ${String(error)}`, retryable: true }),
      );
    }
  }
}

function encoderOf(format: Format): FrameEncoder {
  const moving = format.codec === "vp8" || format.codec === "h264";
  return moving ? new MovingEncoder(format) : new StillEncoder(format);
}

/** Encodes each frame as a picture of its own. */
class StillEncoder implements FrameEncoder {
  private readonly canvas: OffscreenCanvas;

  constructor(private readonly format: Format) {
    this.canvas = new OffscreenCanvas(format.width, format.height);
  }

  async encode(video: HTMLVideoElement, pts: number, duration: number): Promise<Piece> {
    const { width, height, codec } = this.format;
    fill(this.canvas.getContext("2d", { alpha: false })!, video, width, height);
    const blob = await this.canvas.convertToBlob({ type: `image/${codec}`, quality: 0.8 });
    return { pts, duration, codec, key: true, data: new Uint8Array(await blob.arrayBuffer()) };
  }

  close(): void {
    // nothing is held
  }
}

const KEY_EVERY_US = 2_000_000;
const BITS_A_PIXEL = 0.1; // of VP8 at a talk's motion

/** Encodes frames by what changed, where the browser has WebCodecs. */
class MovingEncoder implements FrameEncoder {
  private readonly encoder: VideoEncoder;
  private readonly canvas: OffscreenCanvas;
  private chunk: EncodedVideoChunk | null = null;
  private failure: unknown = null;
  private keyAt = -Infinity;

  constructor(private readonly format: Format) {
    const { width, height, rate, codec } = format;
    this.canvas = new OffscreenCanvas(width, height);
    this.encoder = new VideoEncoder({
      output: (chunk) => (this.chunk = chunk),
      error: (error) => (this.failure = error),
    });
    this.encoder.configure({
      codec: codec === "h264" ? "avc1.42E01F" : "vp8",
      ...(codec === "h264" ? { avc: { format: "annexb" as const } } : {}),
      width,
      height,
      framerate: rate,
      bitrate: Math.round(width * height * rate * BITS_A_PIXEL),
      latencyMode: "realtime",
    });
  }

  async encode(video: HTMLVideoElement, pts: number, duration: number): Promise<Piece | null> {
    const { width, height, codec } = this.format;
    fill(this.canvas.getContext("2d", { alpha: false })!, video, width, height);
    const frame = new VideoFrame(this.canvas, { timestamp: pts, duration });
    this.chunk = null;
    this.encoder.encode(frame, { keyFrame: pts - this.keyAt >= KEY_EVERY_US });
    frame.close();
    await this.encoder.flush();
    const chunk = this.chunk as EncodedVideoChunk | null;
    if (this.failure) throw this.failure;
    if (!chunk) return null;
    const key = chunk.type === "key";
    if (key) this.keyAt = pts;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    return { pts, duration, codec, key, data };
  }

  close(): void {
    if (this.encoder.state === "configured") this.encoder.close();
  }
}

/** Paint a video so that it fills the canvas; what sticks out on two sides is cut off. */
function fill(
  context: OffscreenCanvasRenderingContext2D,
  video: HTMLVideoElement,
  width: number,
  height: number,
): void {
  const { videoWidth, videoHeight } = video;
  const scale = Math.max(width / videoWidth, height / videoHeight);
  const [w, h] = [width / scale, height / scale];
  context.drawImage(video, (videoWidth - w) / 2, (videoHeight - h) / 2, w, h, 0, 0, width, height);
}
