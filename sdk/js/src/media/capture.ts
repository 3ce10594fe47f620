/** Moving pictures as pieces for the wire: frames of a video element, no more than can go. */

import type { LivedraftError } from "../errors.ts";
import { LivedraftError as Failure } from "../errors.ts";
import { MOVING, MovingEncoder } from "./moving.ts";
import type { MediaClock, Piece } from "./piece.ts";

export interface Format {
  width: number; // px
  height: number; // px
  rate: number; // frames a second, at most
  codec: string; // jpeg, webp, vp8 or h264
}

const FALL_BACK = "jpeg";
const LONGEST_MS = 1000; // that a frame is said to last: what comes later was a pause

export type Pen = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;
/** Puts into a frame when it was captured, ms. */
export type Mark = (pen: Pen, at: number) => void;

export interface CaptureEvents {
  /** Whether the line takes another piece; frames are left out while it does not. */
  room(): boolean;
  piece(piece: Piece, capturedAt: number): void;
  failed(error: LivedraftError): void;
}

/** Frames of a video on their way up. */
export interface Outflow {
  captured: number;
  /** Frames that were left out: the line, or the encoder, was busy. */
  skipped: number;
  readonly codec: string;
  key(): void;
  fallBack(): void;
  close(): void;
}

/** Encodes what a canvas shows. */
interface FrameEncoder {
  /** Null where the encoder left the frame out, to keep to its rate. */
  encode(canvas: OffscreenCanvas, pts: number, duration: number): Promise<Piece | null>;
  /** Let the next frame be one that needs none before it. */
  key(): void;
  close(): void;
}

export const SLACK = 0.8; // of a frame's time: a camera of 30 frames a second does not tick exactly

export class Capture implements Outflow {
  captured = 0;
  skipped = 0;
  private encoder: FrameEncoder;
  private readonly canvas: OffscreenCanvas;
  private busy = false;
  private last = -Infinity; // ms, of the newest that went
  private seen = Infinity; // ms, of the newest that the video showed
  private running = true;
  private readonly stop: () => void;

  constructor(
    private readonly video: HTMLVideoElement,
    private format: Format,
    private readonly clock: MediaClock,
    private readonly track: string,
    private readonly events: CaptureEvents,
    private readonly mark: Mark = () => undefined,
  ) {
    this.encoder = encoderOf(format);
    this.canvas = new OffscreenCanvas(format.width, format.height);
    this.stop = eachFrame(video, (at) => this.frame(at));
  }

  /** What frames are encoded in. */
  get codec(): string {
    return this.format.codec;
  }

  /** Let the next frame be a key frame: the server misses one. */
  key(): void {
    this.encoder.key();
  }

  /** Go on with pictures one by one: the codec failed here, or the server will not have it. */
  fallBack(): void {
    if (this.format.codec === FALL_BACK) return;
    this.encoder.close();
    this.format = { ...this.format, codec: FALL_BACK };
    this.encoder = encoderOf(this.format);
  }

  close(): void {
    this.running = false;
    this.stop();
    this.encoder.close();
  }

  private frame(at: number): void {
    const passed = Math.max(0, at - this.seen); // a camera in the dark takes its time, and is not late
    this.seen = at;
    if (at - this.last < (SLACK * 1000) / this.format.rate) return;
    if (this.busy || !this.events.room()) {
      this.skipped += 1;
      return;
    }
    this.last = at;
    this.captured += 1;
    this.busy = true;
    void this.encode(at, passed).finally(() => (this.busy = false));
  }

  private async encode(at: number, passed: number): Promise<void> {
    const duration = Math.round(1000 * Math.max(1000 / this.format.rate, Math.min(LONGEST_MS, passed)));
    const { encoder } = this;
    try {
      const { width, height } = this.format;
      const context = this.canvas.getContext("2d", { alpha: false })!;
      fill(context, this.video, width, height);
      this.mark(context, at);
      const piece = await encoder.encode(this.canvas, this.clock.stamp(this.track, at), duration);
      // What another encoder made meanwhile goes on from something else.
      if (piece && this.running && encoder === this.encoder) this.events.piece(piece, at);
    } catch (error) {
      if (!this.running || encoder !== this.encoder) return;
      if (this.format.codec !== FALL_BACK) return this.fallBack();
      this.events.failed(
        new Failure({ code: "encode", message: `a frame could not be encoded: ${String(error)}`, retryable: true }),
      );
    }
  }
}

function encoderOf(format: Format): FrameEncoder {
  return MOVING.includes(format.codec) ? new MovingEncoder(format) : new StillEncoder(format.codec);
}

/** Encodes each frame as a picture of its own. */
class StillEncoder implements FrameEncoder {
  constructor(private readonly codec: string) {}

  async encode(canvas: OffscreenCanvas, pts: number, duration: number): Promise<Piece> {
    const blob = await canvas.convertToBlob({ type: `image/${this.codec}`, quality: 0.8 });
    return { pts, duration, codec: this.codec, key: true, data: new Uint8Array(await blob.arrayBuffer()) };
  }

  key(): void {
    // each is
  }

  close(): void {
    // nothing is held
  }
}

/** Call back with each new frame of a video, and when it was captured (ms); return how to stop. */
export function eachFrame(video: HTMLVideoElement, frame: (at: number) => void): () => void {
  let running = true;
  const next = (): void => {
    const came = (at: number): void => {
      if (!running) return;
      next();
      frame(at);
    };
    // Not in all browsers; without, each paint may show a new frame.
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback((now, { captureTime, presentationTime }) =>
        came(captureTime ?? presentationTime ?? now),
      );
    } else requestAnimationFrame(came);
  };
  next();
  return () => {
    running = false;
  };
}

/** Paint a video so that it fills the canvas; what sticks out on two sides is cut off. */
export function fill(context: Pen, video: HTMLVideoElement, width: number, height: number): void {
  const { videoWidth, videoHeight } = video;
  const scale = Math.max(width / videoWidth, height / videoHeight);
  const [w, h] = [width / scale, height / scale];
  context.drawImage(video, (videoWidth - w) / 2, (videoHeight - h) / 2, w, h, 0, 0, width, height);
}
