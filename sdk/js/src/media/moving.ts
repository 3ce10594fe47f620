/** Codecs whose frames need those before them, where the browser has WebCodecs for them. */

import type { Format } from "./capture.ts";
import type { Piece } from "./piece.ts";

/** Names of codecs on the wire, and what WebCodecs calls them; what costs least first. */
export const WEB_CODECS: Readonly<Record<string, string>> = { h264: "avc1.42E01F", vp8: "vp8" };
export const MOVING: readonly string[] = Object.keys(WEB_CODECS);

const BITS_A_PIXEL = 0.1; // of a camera's motion

/** Return those that this browser encodes at a usual size. */
export async function encodable(): Promise<string[]> {
  if (typeof VideoEncoder === "undefined") return [];
  const usual = { width: 640, height: 360, rate: 30 };
  const asked = MOVING.map(async (codec) => {
    const answer = await VideoEncoder.isConfigSupported(configuration({ ...usual, codec })).catch(() => null);
    return answer?.supported ? [codec] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** Encodes frames by what changed, one for one; the first is a key frame. */
export class MovingEncoder {
  private readonly encoder: VideoEncoder;
  private chunk: EncodedVideoChunk | null = null;
  private failure: unknown = null;
  private wanted = true; // a key frame

  constructor(private readonly format: Format) {
    this.encoder = new VideoEncoder({
      output: (chunk) => (this.chunk = chunk),
      error: (error) => (this.failure = error),
    });
    this.encoder.configure(configuration(format));
  }

  key(): void {
    this.wanted = true;
  }

  async encode(canvas: OffscreenCanvas, pts: number, duration: number): Promise<Piece | null> {
    const frame = new VideoFrame(canvas, { timestamp: pts, duration });
    this.chunk = null;
    const keyFrame = this.wanted;
    this.wanted = false;
    this.encoder.encode(frame, { keyFrame });
    frame.close();
    await this.encoder.flush();
    const chunk = this.chunk as EncodedVideoChunk | null;
    if (this.failure) throw this.failure;
    if (!chunk) {
      this.wanted ||= keyFrame;
      return null;
    }
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    return { pts, duration, codec: this.format.codec, key: chunk.type === "key", data };
  }

  close(): void {
    if (this.encoder.state !== "closed") this.encoder.close();
  }
}

function configuration({ width, height, rate, codec }: Format): VideoEncoderConfig {
  return {
    codec: WEB_CODECS[codec] ?? codec,
    ...(codec === "h264" ? { avc: { format: "annexb" as const } } : {}),
    width,
    height,
    framerate: rate,
    bitrate: Math.round(width * height * rate * BITS_A_PIXEL),
    latencyMode: "realtime",
  };
}
