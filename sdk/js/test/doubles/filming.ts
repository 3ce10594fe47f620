/** Doubles of WebCodecs that make a film's chunks of frames and sound at once, and a reader of an MP4's boxes. */

import { DoubleChunk, DoubleFrame } from "./codecs.ts";

const PACKET_US = 20_000;

interface Ends {
  output(chunk: unknown, about?: object): void;
  error(error: Error): void;
}

/** An encoder whose pictures are their times in text. */
export class PictureEncoder {
  static supported = ["avc1.42E01F"];
  static made: PictureEncoder[] = [];
  state = "unconfigured";
  encodeQueueSize = 0;
  config: { codec?: string } = {};

  constructor(readonly ends: Ends) {
    PictureEncoder.made.push(this);
  }

  static isConfigSupported({ codec }: { codec: string }): Promise<{ supported: boolean }> {
    return Promise.resolve({ supported: PictureEncoder.supported.includes(codec) });
  }

  configure(config: { codec: string }): void {
    this.config = config;
    this.state = "configured";
  }

  encode({ timestamp }: DoubleFrame, { keyFrame }: { keyFrame: boolean }): void {
    const data = new TextEncoder().encode(`[${timestamp}]`);
    const chunk = new DoubleChunk({ type: keyFrame ? "key" : "delta", timestamp, data });
    this.ends.output(chunk, { decoderConfig: { codec: this.config.codec, description: Uint8Array.of(1, 2, 3) } });
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.state = "closed";
  }
}

/** An encoder of sound that makes packets of 20 ms: a byte says how many of a thousand samples are not silent. */
export class SoundEncoder extends PictureEncoder {
  static override made: PictureEncoder[] = [];
  static rate = 0; // Hz, of what it was given last
  static samples: number[] = []; // of all that it was given

  static override isConfigSupported(): Promise<{ supported: boolean }> {
    return Promise.resolve({ supported: true });
  }

  override encode(sound: unknown): void {
    const { data, sampleRate } = sound as SoundData;
    SoundEncoder.rate = sampleRate;
    SoundEncoder.samples.push(...data);
  }

  override flush(): Promise<void> {
    const size = (SoundEncoder.rate * PACKET_US) / 1e6;
    const { samples } = SoundEncoder;
    for (let at = 0; at < samples.length; at += size) {
      const chunk = new DoubleChunk({ type: "key", timestamp: 0, duration: PACKET_US, data: Uint8Array.of(7) });
      this.ends.output(chunk, { decoderConfig: { description: head() } });
    }
    return Promise.resolve();
  }
}

/** The header of RFC 7845 that tells a delay of 312 samples. */
function head(): Uint8Array {
  const bytes = new Uint8Array(19);
  new DataView(bytes.buffer).setUint16(10, 312, true);
  return bytes;
}

class SoundData extends DoubleFrame {
  readonly data: Float32Array;
  override readonly sampleRate: number;

  constructor(of: { timestamp: number; data: Float32Array; sampleRate: number }) {
    super(null, of);
    [this.data, this.sampleRate] = [of.data, of.sampleRate];
  }
}

/** Put the doubles where the browser has its own. */
export function installFilming(): void {
  PictureEncoder.supported = ["avc1.42E01F"];
  PictureEncoder.made = [];
  SoundEncoder.samples = [];
  const Canvas = class {
    constructor(
      readonly width: number,
      readonly height: number,
    ) {}
    getContext(): object {
      return { drawImage: () => undefined };
    }
  };
  Object.assign(globalThis, {
    VideoEncoder: PictureEncoder,
    AudioEncoder: SoundEncoder,
    VideoFrame: DoubleFrame,
    AudioData: SoundData,
    OffscreenCanvas: Canvas,
  });
}

export interface Box {
  name: string;
  at: number; // of its content
  view: DataView;
  text: string;
  inner: Box[];
}

const HOLDING = ["moov", "trak", "mdia", "minf", "stbl", "edts"];

/** Return the boxes of an MP4, or of a part of it. */
export function boxesOf(bytes: Uint8Array, from = 0): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const wide = view.getUint32(0) === 1;
    const size = wide ? Number(view.getBigUint64(8)) : view.getUint32(0);
    const head = wide ? 16 : 8;
    const name = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    const own = bytes.subarray(at + head, at + size);
    found.push({
      name,
      at: from + at + head,
      view: new DataView(own.buffer, own.byteOffset, own.length),
      text: new TextDecoder().decode(own),
      inner: HOLDING.includes(name) ? boxesOf(own, from + at + head) : [],
    });
    at += size;
  }
  return found;
}

/** Return a box by the names of those that it lies in, the first of each. */
export function inside(boxes: Box[], ...names: string[]): Box {
  let level = boxes;
  let found: Box | undefined;
  for (const name of names) {
    found = level.find((each) => each.name === name);
    if (!found) throw new Error(`no box ${name}`);
    level = found.inner;
  }
  return found!;
}

/** Return the numbers of 32 bits from a byte of a box on. */
export function numbersOf({ view }: Box, from: number): number[] {
  return Array.from({ length: (view.byteLength - from) / 4 }, (_, i) => view.getInt32(from + i * 4));
}
