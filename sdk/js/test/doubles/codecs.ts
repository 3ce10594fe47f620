/** Named doubles of WebCodecs: what is given to them is kept, and they answer when they are told. */

interface Chunk {
  type: string;
  timestamp: number;
  duration?: number;
  data: Uint8Array;
}

export class DoubleChunk {
  readonly type: string;
  readonly timestamp: number;
  readonly duration: number | null;
  readonly byteLength: number;
  private readonly data: Uint8Array;

  constructor({ type, timestamp, duration, data }: Chunk) {
    this.type = type;
    this.timestamp = timestamp;
    this.duration = duration ?? null;
    this.data = data;
    this.byteLength = data.length;
  }

  copyTo(target: Uint8Array): void {
    target.set(this.data);
  }
}

/** A frame, or sound, that knows whether it was closed. */
export class DoubleFrame {
  closed = false;
  readonly timestamp: number;
  readonly numberOfChannels = 1;
  readonly numberOfFrames = 4;
  readonly sampleRate: number = 48_000;

  constructor(_source: unknown, { timestamp }: { timestamp: number }) {
    this.timestamp = timestamp;
  }

  copyTo(samples: Float32Array): void {
    samples.fill(0.5);
  }

  close(): void {
    this.closed = true;
  }
}

interface Ends {
  output(made: unknown): void;
  error(error: Error): void;
}

/** A decoder or an encoder of either kind. */
export class DoubleCodec {
  static made: DoubleCodec[] = [];
  static refuses = false; // whatever it is given
  state = "unconfigured";
  config: Record<string, unknown> = {};
  given: unknown[] = [];
  keys: boolean[] = [];

  constructor(private readonly ends: Ends) {
    DoubleCodec.made.push(this);
  }

  static isConfigSupported(config: Record<string, unknown>): Promise<{ supported: boolean }> {
    return Promise.resolve({ supported: config["codec"] === "vp8" });
  }

  configure(config: Record<string, unknown>): void {
    this.config = config;
    this.state = "configured";
  }

  decode(chunk: unknown): void {
    this.take(chunk);
  }

  encode(frame: unknown, { keyFrame = false } = {}): void {
    this.keys.push(keyFrame);
    this.take(frame);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.state = "closed";
  }

  /** Give out what was made. */
  give(made: unknown): void {
    this.ends.output(made);
  }

  fail(): void {
    this.state = "closed";
    this.ends.error(new Error("spoilt"));
  }

  private take(given: unknown): void {
    if (DoubleCodec.refuses) throw new Error("refused");
    this.given.push(given);
  }
}

/** Put the doubles where the browser has its own; all that were made before are forgotten. */
export function install(): void {
  DoubleCodec.made = [];
  DoubleCodec.refuses = false;
  Object.assign(globalThis, {
    VideoDecoder: DoubleCodec,
    AudioDecoder: DoubleCodec,
    VideoEncoder: DoubleCodec,
    AudioEncoder: DoubleCodec,
    EncodedVideoChunk: DoubleChunk,
    EncodedAudioChunk: DoubleChunk,
    VideoFrame: DoubleFrame,
    AudioData: class extends DoubleFrame {
      constructor(of: { timestamp: number }) {
        super(null, of);
      }
    },
  });
}
