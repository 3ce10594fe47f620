/** Sound and moving pictures of a session: pieces go up while the line takes them, those of the server are confirmed. */

import type { Piece } from "../media/piece.ts";
import type { ClientMessage, MediaMessage, Track } from "./protocol.ts";
import type { Quality } from "./quality.ts";
import { QualityMeter } from "./quality.ts";
import { median } from "./stats.ts";
import type { Rtp, RtpStats } from "./wire.ts";

/** What the flow needs of the session. */
export interface Line {
  send(message: ClientMessage): boolean;
  /** Bytes that the socket holds back. */
  held(): number;
  /** Go on over a new connection on which these codecs are agreed on. */
  prefer(codecs: string[]): void;
  nextId(): number;
  now(): number; // ms
  /** The tracks beside the messages, over WebRTC. */
  rtp(): Rtp | null;
  /** Go by WebRTC, where that is wanted and can be had. */
  raise(): void;
}

export interface MediaStats {
  fps: number; // pictures shown in the last second
  roundTripMs: number; // median: from a picture's capture to its answer's being shown
  modelMs: number;
  networkMs: number; // both ways, with encoding and decoding here
  serverMs: number;
  sent: number; // pieces
  left: number; // pieces of ours that the server never used
  quality: Quality;
  rtp: RtpStats | null; // over WebRTC: what the browser measures
}

interface Flight {
  track: string;
  capturedAt: number; // ms
  sentAt: number;
}

interface Sample {
  at: number;
  roundTripMs: number;
  modelMs: number;
  serverMs: number;
}

const FEW_HELD = 64 * 1024; // bytes; some pictures of a usual size, or a second of them in a codec
const LOAD_FRAMES = 45; // over which it is reckoned how often the socket holds back more
const MOST_HELD = 256 * 1024; // bytes; what waits in the socket is late when it goes
const MOST_FLIGHTS = 512;
const UNANSWERED_MS = 500; // for which pictures go on without any answer
const SLOW = 2; // times the model's own pace, which is no congestion
const WINDOW = 60; // samples
const ASK_EVERY_MS = 500; // for a key frame
const ASSESS_MS = 1000; // between verdicts

export class MediaFlow {
  /** The ways in and out of the session that is open; empty until one is. */
  tracks: readonly Track[] = [];
  private readonly flights = new Map<number, Flight>();
  private readonly asked = new Map<string, number>(); // when for a key frame, by track
  private connection = 0; // which one this is
  private readonly cameBy = new WeakMap<MediaMessage, number>(); // of them; others hear of no piece
  private samples: Sample[] = [];
  private load = 0; // 0..1, how often lately
  private answeredAt = 0;
  private paceMs = 0; // the longest time between two answers lately
  private sent = 0;
  private left = 0;
  private readonly meter = new QualityMeter();
  private measured: RtpStats | null = null; // by the browser, over WebRTC
  private assessedAt = -Infinity;
  private came = 0; // pictures, since then
  private seen = 0; // of them

  /** `judged` hears a verdict that is another one. */
  constructor(
    private readonly line: Line,
    private readonly judged: (verdict: Quality) => void = () => undefined,
  ) {}

  /** Begin with other tracks: of another model, or on a new connection, which has its own count. */
  opened(tracks: readonly Track[], anew = false): void {
    this.tracks = tracks;
    if (anew) this.connection += 1;
    this.flights.clear();
    this.asked.clear();
    this.load = 0;
    this.answeredAt = this.line.now();
    this.samples = []; // of another way, or model
    this.measured = null;
    if (tracks.some(({ kind }) => kind === "video")) this.line.raise();
  }

  /** Tracks beside the messages; null over the WebSocket. */
  get rtp(): Rtp | null {
    return this.line.rtp();
  }

  /** Return the first track of this kind into the model or out of it. */
  track(way: Track["way"], kind: Track["kind"]): Track | null {
    return this.tracks.find((each) => each.way === way && each.kind === kind) ?? null;
  }

  /**
   * Whether the line takes another picture. What it cannot carry is left out here, where that is
   * known first: in a socket's buffers it would only grow old.
   */
  get room(): boolean {
    const held = this.line.held();
    this.load += ((held > FEW_HELD ? 1 : 0) - this.load) / LOAD_FRAMES;
    if (held > MOST_HELD) return false;
    const [oldest] = this.flights.values();
    const patience = Math.max(UNANSWERED_MS, SLOW * this.paceMs);
    return !oldest || this.line.now() - Math.max(oldest.sentAt, this.answeredAt) < patience;
  }

  /** Whether the line has carried less than was to go for a second or more. */
  get crowded(): boolean {
    return this.load > 0.5;
  }

  /** Go on over a new connection on which these codecs are agreed on. */
  prefer(codecs: string[]): void {
    this.line.prefer(codecs);
  }

  /** Send a piece that was captured at `capturedAt` (ms); tell whether it went. */
  send(track: string, piece: Piece, capturedAt: number): boolean {
    const id = this.line.nextId();
    if (!this.line.send({ type: "media", track, id, ...piece })) return false;
    this.sent += 1;
    if (this.tracks.find((each) => each.name === track)?.kind !== "audio") {
      this.flights.set(id, { track, capturedAt, sentAt: this.line.now() });
    }
    for (const old of this.flights.keys()) {
      if (this.flights.size <= MOST_FLIGHTS) break;
      this.flights.delete(old);
    }
    return true;
  }

  /** Take what a piece of the server answers: the newest of our pictures in it. */
  answered(message: MediaMessage): Flight | null {
    const { id, dropped } = message;
    this.cameBy.set(message, this.connection);
    const now = this.line.now();
    let found: Flight | null = null;
    for (const [each, flight] of this.flights) {
      if (each > id) break;
      this.flights.delete(each);
      found = flight;
    }
    this.left += dropped;
    if (found) {
      this.paceMs = Math.max(now - this.answeredAt, 0.9 * this.paceMs);
      this.answeredAt = now;
    }
    return found;
  }

  /** Ask for a key frame on a track that comes down; not again before it can have come. */
  askKey(track: string): void {
    const now = this.line.now();
    if (now - (this.asked.get(track) ?? -Infinity) < ASK_EVERY_MS) return;
    if (this.line.send({ type: "key", track })) this.asked.set(track, now);
  }

  /** Confirm a piece that was shown, played or thrown away. */
  confirm(message: MediaMessage): void {
    const { seq, track } = message;
    if ((this.cameBy.get(message) ?? this.connection) !== this.connection) return;
    if (seq !== null) this.line.send({ type: "ack", seq });
    if (this.tracks.find(({ name }) => name === track)?.kind !== "video") return;
    this.came += 1;
    if (this.line.now() - this.assessedAt >= ASSESS_MS) void this.assess();
  }

  /** Note that a piece was shown just now, in answer to a picture of ours. */
  shown(message: MediaMessage, flight: Flight | null): void {
    const at = this.line.now();
    this.seen += 1;
    const { model: modelMs = 0, sent: serverMs = 0 } = message.timings;
    this.samples.push({ at, roundTripMs: flight ? at - flight.capturedAt : Number.NaN, modelMs, serverMs });
    if (this.samples.length > WINDOW) this.samples.shift();
  }

  /** Return about when what WebRTC shows at `now` was captured, ms. */
  bornAt(now: number): number {
    return now - this.stats().roundTripMs;
  }

  stats(): MediaStats {
    const now = this.line.now();
    const round = this.samples.map((each) => each.roundTripMs).filter((ms) => !Number.isNaN(ms));
    const serverMs = median(this.samples.map((each) => each.serverMs));
    const { measured } = this;
    const networkMs = measured ? wayOf(measured) : Math.max(0, median(round) - serverMs);
    return {
      fps: this.samples.filter((each) => now - each.at < 1000).length,
      roundTripMs: measured ? networkMs + serverMs : median(round),
      modelMs: median(this.samples.map((each) => each.modelMs)),
      networkMs,
      serverMs,
      sent: this.sent,
      left: this.left,
      quality: this.meter.verdict,
      rtp: measured,
    };
  }

  /** Judge how it goes, by what came and was shown since the last time. */
  private async assess(): Promise<void> {
    this.assessedAt = this.line.now();
    const { rtp, came, seen } = this;
    this.came = this.seen = 0;
    const measured = (await rtp?.stats()) ?? null;
    if (rtp !== this.rtp) return; // of another connection
    this.measured = measured;
    const { networkMs, serverMs } = this.stats();
    const verdict = this.meter.take({
      networkMs,
      lost: measured?.lost ?? 0,
      narrow: measured?.held === "bandwidth" || this.crowded,
      serverMs,
      deviceMs: measured ? measured.encodeMs + measured.decodeMs : 0,
      busy: measured?.held === "cpu",
      seen: came && seen ? Math.min(1, seen / came) : 1, // of a page that nobody sees none are shown
    });
    if (verdict) this.judged(verdict);
  }
}

/** Return what the line and coding take of a picture's way, both ways together, ms. */
function wayOf({ roundTripMs, bufferMs, encodeMs, decodeMs }: RtpStats): number {
  return roundTripMs + bufferMs + encodeMs + decodeMs;
}

export type { Flight };
