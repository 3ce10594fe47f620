/** Plays pieces of sound one after the other, and so keeps the clock that pictures are placed by. */

/** What a speaker needs of an AudioContext, so that tests can stand in for it. */
export interface Output {
  /** s, of the context: when what is scheduled now can sound at the earliest. */
  now(): number;
  /** s, of the context: what is heard now; behind `now` by the way to the ear. */
  heard(): number;
  /** Schedule samples, in -1..1, at a time of the context; return how to take them back. Either way they end. */
  play(channels: Float32Array<ArrayBuffer>[], rate: number, at: number, ended: () => void): () => void;
}

const LEAD_S = 0.04; // between arriving and sounding: what a network and a busy page may add
const LATE_S = 0.005; // within which a piece can still be scheduled
const SETTLE_S = 2; // for so long live sound has to be ahead of need before some of it is left out
const SPARE_S = 0.02; // that it keeps then
const WORTH_S = 0.02; // less is not worth the skip that is heard

interface Scheduled {
  from: number; // s, of the context
  until: number;
  stop(): void;
}

export class Speaker {
  /** Pieces that came too late for their time. */
  gaps = 0;
  /** Seconds that were left out to catch up. */
  skippedS = 0;
  private anchor: number | null = null; // s, of the context, at which pts 0 sounds
  private queue: Scheduled[] = [];
  private least = Infinity; // s, that sound was ahead since `since`
  private since = 0; // s, of the context

  /** `live` sound comes as it is made: what piles up, as after a broken line, is left out again. */
  constructor(
    private readonly output: Output,
    private readonly live: boolean,
  ) {}

  /** µs of the media clock that are heard now; null before the first sound. */
  get time(): number | null {
    return this.anchor === null ? null : (this.output.heard() - this.anchor) * 1e6;
  }

  /** Whether nothing is left to be heard. */
  get silent(): boolean {
    const heard = this.output.heard();
    return this.queue.every((each) => each.until <= heard);
  }

  /** Play a piece in its place; `ended` hears when it is over, or taken back. */
  play(channels: Float32Array<ArrayBuffer>[], rate: number, pts: number, ended: () => void): void {
    const now = this.output.now();
    this.queue = this.queue.filter((each) => each.until > now);
    const length = (channels[0]?.length ?? 0) / rate;
    let at = (this.anchor ?? Infinity) + pts / 1e6;
    if (this.anchor === null || at < now + LATE_S) {
      if (this.anchor !== null) this.gaps += 1;
      at = Math.max(now + LEAD_S, ...this.queue.map((each) => each.until));
      this.anchor = at - pts / 1e6;
      this.settle(now);
    } else if (this.live && this.tooFarAhead(at - now, now)) {
      const skip = this.least - SPARE_S;
      this.skippedS += skip;
      this.anchor -= skip;
      at -= skip;
      this.cut(at);
      this.settle(now);
    }
    this.queue.push({ from: at, until: at + length, stop: this.output.play(channels, rate, at, ended) });
  }

  /** Be silent at once, as after an interruption; the next piece begins anew. */
  flush(): void {
    for (const each of this.queue) each.stop();
    this.queue = [];
    this.anchor = null;
  }

  private settle(now: number): void {
    this.least = Infinity;
    this.since = now;
  }

  private tooFarAhead(ahead: number, now: number): boolean {
    this.least = Math.min(this.least, ahead);
    if (now - this.since < SETTLE_S) return false;
    if (this.least > SPARE_S + WORTH_S) return true;
    this.settle(now);
    return false;
  }

  /** Take back what would sound from a time on. */
  private cut(at: number): void {
    for (const each of this.queue) if (each.until > at) each.stop();
    this.queue = this.queue.filter((each) => each.until <= at);
  }
}

/** Return s, from scheduling sound to hearing it. */
export function delayOf(context: AudioContext): number {
  return Math.min(1, Math.max(0, context.currentTime - heardIn(context)));
}

function heardIn(context: AudioContext): number {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
  if (contextTime > 0) return contextTime + (performance.now() - performanceTime) / 1000;
  return context.currentTime - (context.outputLatency || context.baseLatency || 0); // not told yet
}

/** Return the output of a context; what it plays goes through `node`. */
export function outputOf(context: AudioContext, node: AudioNode): Output {
  return {
    now: () => context.currentTime,
    heard: () => heardIn(context),
    play: (channels, rate, at, ended) => {
      const buffer = context.createBuffer(channels.length, Math.max(1, channels[0]!.length), rate);
      channels.forEach((samples, i) => buffer.copyToChannel(samples, i));
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(node);
      source.onended = ended;
      source.start(at);
      return () => source.stop();
    },
  };
}
