/** Decodes pieces that come down: pictures to what a canvas draws, sound to samples in -1..1. */

import { LivedraftError } from "../errors.ts";
import type { Piece } from "./piece.ts";
import { PCM, PICTURES, toChannels } from "./piece.ts";

export type Picture = ImageBitmap | VideoFrame;
export type Sound = { channels: Float32Array<ArrayBuffer>[]; rate: number };

/** Names of codecs on the wire, and what WebCodecs calls them. */
const WEB_CODECS: Readonly<Record<string, string>> = { vp8: "vp8", h264: "avc1.42E01F" };

/** Return the codecs that this browser plays, best first; pictures one by one and PCM it always does. */
export function playable(): string[] {
  const moving = typeof VideoDecoder === "undefined" ? [] : Object.keys(WEB_CODECS);
  const sound = typeof AudioDecoder === "undefined" ? [] : ["opus"];
  return [...Object.keys(PICTURES), ...moving, PCM, ...sound];
}

/** Decodes one track, in order; what cannot be decoded is told and passed over. */
export abstract class Decoder<Made> {
  private last: Promise<void> = Promise.resolve();

  protected constructor(
    private readonly made: (made: Made, piece: Piece) => void,
    private readonly failed: (error: LivedraftError, piece: Piece) => void,
  ) {}

  push(piece: Piece): void {
    this.last = this.last.then(async () => {
      try {
        const made = await this.decode(piece);
        this.made(made, piece);
      } catch (error) {
        const message = `a piece of ${piece.codec} could not be played: ${String(error)}`;
        this.failed(new LivedraftError({ code: "decode", message, retryable: true }), piece);
      }
    });
  }

  abstract close(): void;
  protected abstract decode(piece: Piece): Promise<Made>;
}

export class PictureDecoder extends Decoder<Picture> {
  private decoder: VideoDecoder | null = null;
  private waiting: { resolve(frame: VideoFrame): void; reject(error: unknown): void }[] = [];

  constructor(made: (picture: Picture, piece: Piece) => void, failed: (error: LivedraftError, piece: Piece) => void) {
    super(made, failed);
  }

  close(): void {
    if (this.decoder?.state === "configured") this.decoder.close();
    this.decoder = null;
  }

  protected decode(piece: Piece): Promise<Picture> {
    const type = PICTURES[piece.codec];
    if (type) return createImageBitmap(new Blob([piece.data as Uint8Array<ArrayBuffer>], { type }));
    const codec = WEB_CODECS[piece.codec] ?? piece.codec;
    return new Promise((resolve, reject) => {
      this.decoder ??= this.open(codec);
      this.waiting.push({ resolve, reject });
      const { pts: timestamp, duration, data, key } = piece;
      this.decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, duration, data }));
    });
  }

  private open(codec: string): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        const next = this.waiting.shift();
        if (next) next.resolve(frame);
        else frame.close();
      },
      error: (error) => {
        this.decoder = null; // the next key frame begins anew
        for (const each of this.waiting.splice(0)) each.reject(error);
      },
    });
    decoder.configure({ codec, optimizeForLatency: true });
    return decoder;
  }
}

export class SoundDecoder extends Decoder<Sound> {
  private decoder: AudioDecoder | null = null;
  private waiting: { resolve(sound: Sound): void; reject(error: unknown): void }[] = [];

  constructor(made: (sound: Sound, piece: Piece) => void, failed: (error: LivedraftError, piece: Piece) => void) {
    super(made, failed);
  }

  close(): void {
    if (this.decoder?.state === "configured") this.decoder.close();
    this.decoder = null;
  }

  protected async decode(piece: Piece): Promise<Sound> {
    const { rate = 0, channels = 1, data, pts: timestamp, duration } = piece;
    if (piece.codec === PCM) return { channels: toChannels(data, channels), rate };
    return new Promise((resolve, reject) => {
      this.decoder ??= this.open(piece.codec, rate, channels);
      this.waiting.push({ resolve, reject });
      this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, duration, data }));
    });
  }

  private open(codec: string, sampleRate: number, numberOfChannels: number): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (data) => {
        this.waiting.shift()?.resolve(samplesOf(data));
        data.close();
      },
      error: (error) => {
        this.decoder = null;
        for (const each of this.waiting.splice(0)) each.reject(error);
      },
    });
    decoder.configure({ codec, sampleRate, numberOfChannels });
    return decoder;
  }
}

function samplesOf(data: AudioData): Sound {
  const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex, format: "f32-planar" });
    return samples;
  });
  return { channels, rate: data.sampleRate };
}
