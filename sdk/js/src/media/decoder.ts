/** Decodes pieces that come down: pictures to what a canvas draws, sound to samples in -1..1. */

import { LivedraftError } from "../errors.ts";
import { MOVING, WEB_CODECS } from "./moving.ts";
import type { Piece } from "./piece.ts";
import { PCM, PICTURES, toChannels } from "./piece.ts";
import { OPUS } from "./voice.ts";

export type Picture = ImageBitmap | VideoFrame;
export type Sound = { channels: Float32Array<ArrayBuffer>[]; rate: number };

/** What becomes of the pieces of a track: each is made, passed over or failed, and told once. */
export interface DecoderEvents<Made, From extends Piece> {
  made(made: Made, piece: From): void;
  /** It cannot be shown: one that it needs is missing. */
  passed(piece: From): void;
  failed(error: LivedraftError, piece: From): void;
  /** Nothing can be decoded before a key frame comes on the track of this piece. */
  key(piece: From): void;
}

const PATIENCE = 3; // faults in a row that are mended in silence

/** Return the codecs that this browser plays, those of `first` first, then pictures one by one and PCM. */
export function playable(first: readonly string[]): string[] {
  const moving = typeof VideoDecoder === "undefined" ? [] : MOVING;
  const sound = typeof AudioDecoder === "undefined" ? [] : [OPUS];
  const all = [...Object.keys(PICTURES), ...moving, PCM, ...sound];
  return [...first.filter((codec) => all.includes(codec)), ...all.filter((codec) => !first.includes(codec))];
}

function failure(piece: Piece, error: unknown): LivedraftError {
  const message = `a piece of ${piece.codec} could not be played: ${String(error)}`;
  return new LivedraftError({ code: "decode", message, retryable: true });
}

export class PictureDecoder<From extends Piece> {
  private decoder: VideoDecoder | null = null;
  private codec = "";
  private waiting: From[] = []; // in the decoder
  private faults = 0; // in a row
  private stills: Promise<void> = Promise.resolve();

  constructor(private readonly events: DecoderEvents<Picture, From>) {}

  push(piece: From): void {
    const type = PICTURES[piece.codec];
    if (type) this.stills = this.stills.then(() => this.still(piece, type));
    else this.moving(piece);
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }

  private async still(piece: From, type: string): Promise<void> {
    try {
      const blob = new Blob([piece.data as Uint8Array<ArrayBuffer>], { type });
      this.events.made(await createImageBitmap(blob), piece);
    } catch (error) {
      this.events.failed(failure(piece, error), piece);
    }
  }

  private moving(piece: From): void {
    const { pts: timestamp, duration, data, key, codec } = piece;
    if (codec !== this.codec) this.close();
    if (!this.decoder && !key) {
      this.events.passed(piece);
      return this.events.key(piece);
    }
    this.waiting.push(piece);
    try {
      this.codec = codec;
      this.decoder ??= this.open(WEB_CODECS[codec] ?? codec);
      this.decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, duration, data }));
    } catch (error) {
      this.broken(error);
    }
  }

  private open(codec: string): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (decoder === this.decoder) this.decoded(frame);
        else frame.close();
      },
      error: (error) => {
        if (decoder === this.decoder) this.broken(error);
      },
    });
    decoder.configure({ codec, optimizeForLatency: true });
    return decoder;
  }

  private decoded(frame: VideoFrame): void {
    const at = this.waiting.findIndex((each) => each.pts === frame.timestamp);
    const piece = this.waiting[at];
    if (!piece) return frame.close();
    for (const each of this.waiting.splice(0, at + 1)) if (each !== piece) this.events.passed(each);
    this.faults = 0;
    this.events.made(frame, piece);
  }

  /** Begin anew with the next key frame. */
  private broken(error: unknown): void {
    this.close();
    this.faults += 1;
    const lost = this.waiting.splice(0);
    const last = lost.pop();
    for (const each of lost) this.events.passed(each);
    if (!last) return;
    if (this.faults > PATIENCE) this.events.failed(failure(last, error), last);
    else this.events.passed(last);
    this.events.key(last);
  }
}

export class SoundDecoder<From extends Piece> {
  private decoder: AudioDecoder | null = null;
  private waiting: From[] = []; // in the decoder

  constructor(private readonly events: Pick<DecoderEvents<Sound, From>, "made" | "failed">) {}

  push(piece: From): void {
    const { rate = 0, channels = 1, data, pts: timestamp, duration } = piece;
    if (piece.codec === PCM) return this.events.made({ channels: toChannels(data, channels), rate }, piece);
    this.waiting.push(piece);
    try {
      this.decoder ??= this.open(piece.codec, rate, channels);
      this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, duration, data }));
    } catch (error) {
      this.broken(error);
    }
  }

  close(): void {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }

  private open(codec: string, sampleRate: number, numberOfChannels: number): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (data) => {
        const piece = decoder === this.decoder ? this.waiting.shift() : undefined;
        if (piece) this.events.made(samplesOf(data), piece);
        data.close();
      },
      error: (error) => {
        if (decoder === this.decoder) this.broken(error);
      },
    });
    decoder.configure({ codec, sampleRate, numberOfChannels });
    return decoder;
  }

  private broken(error: unknown): void {
    this.close();
    for (const each of this.waiting.splice(0)) this.events.failed(failure(each, error), each);
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
