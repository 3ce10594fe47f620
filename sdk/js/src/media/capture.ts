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

export interface CaptureEvents {
  /** Whether the line takes another piece; frames are left out while it does not. */
  room(): boolean;
  piece(piece: Piece, capturedAt: number): void;
  failed(error: LivedraftError): void;
}

/** Encodes what a canvas shows. */
interface FrameEncoder {
  /** Null where the encoder left the frame out, to keep to its rate. */
  encode(canvas: OffscreenCanvas, pts: number, duration: number): Promise<Piece | null>;
  /** Let the next frame be one that needs none before it. */
  key(): void;
  close(): void;
}

const SLACK = 0.8; // of a frame's time: a camera of 30 frames a second does not tick exactly

export class Capture {
  captured = 0;
  /** Frames that were left out: the line, or the encoder, was busy. */
  skipped = 0;
  private encoder: FrameEncoder;
  private readonly canvas: OffscreenCanvas;
  private busy = false;
  private last = -Infinity; // ms, of the newest that went
  private running = true;

  constructor(
    private readonly video: HTMLVideoElement,
    private format: Format,
    private readonly clock: MediaClock,
    private readonly track: string,
    private readonly events: CaptureEvents,
  ) {
    this.encoder = encoderOf(format);
    this.canvas = new OffscreenCanvas(format.width, format.height);
    this.next();
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
    this.encoder.close();
  }

  private next(): void {
    if (!this.running) return;
    // Not in all browsers; without, each paint may show a new frame.
    if ("requestVideoFrameCallback" in this.video) {
      this.video.requestVideoFrameCallback((now, { captureTime, presentationTime }) =>
        this.frame(captureTime ?? presentationTime ?? now),
      );
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
    const { encoder } = this;
    try {
      const { width, height } = this.format;
      fill(this.canvas.getContext("2d", { alpha: false })!, this.video, width, height);
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
