/** Joins a source to a session: frames and sound go up while both are there, answers come down. */

import type { PlayerStats } from "../client/player.ts";
import { MediaPlayer } from "../client/player.ts";
import type { MediaMessage, ModelInfo, Params, Switched, Track } from "../client/protocol.ts";
import type { Frame, LiveSession } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import type { Format } from "../media/capture.ts";
import { Capture } from "../media/capture.ts";
import type { Picture } from "../media/decoder.ts";
import { playable } from "../media/decoder.ts";
import type { Recorder } from "../media/film/film.ts";
import { encodable, MOVING } from "../media/moving.ts";
import type { Piece } from "../media/piece.ts";
import { MediaClock, PCM, toBytes } from "../media/piece.ts";
import { OPUS } from "../media/voice.ts";
import type { Connection } from "./connection.ts";
import type { MicrophoneLineEvents } from "./microphone_line.ts";
import { MicrophoneLine } from "./microphone_line.ts";
import type { SessionPanel } from "./session_panel.ts";

export interface LiveEvents extends MicrophoneLineEvents {
  picture(picture: Picture | ImageBitmap, message: MediaMessage | Frame): void;
  stats(): void;
  silenced(): void; // there is sound that needs a gesture
  error(error: LivedraftError): void;
}

/** Where the size is the source's own: as many px as this, in its shape. */
const USUAL: Format = { width: 640, height: 360, rate: 30, codec: "jpeg" };
const STILLS = ["jpeg", "webp"];

export class Live {
  private player: MediaPlayer | null = null;
  private capture: Capture | null = null;
  private readonly clock = new MediaClock(performance.now());
  private readonly microphone: MicrophoneLine;
  private encodable: string[] | null = null; // of the codecs whose frames need others; null: not known yet
  private recorder: Recorder | null = null;
  private muted = false;
  private loudness = 1;
  private turn = 0; // of the frames' way, so that a late start of it is told apart
  private saving = ""; // the codec that a narrow line is saved by
  codec = ""; // that the page wants, both ways; empty: pictures one by one, while the line carries them

  constructor(
    private readonly panel: SessionPanel,
    private readonly video: HTMLVideoElement | null, // none: no pictures are sent
    worklet: () => string,
    private readonly events: LiveEvents,
  ) {
    this.microphone = new MicrophoneLine(worklet, this.clock, events);
  }

  get session(): LiveSession | null {
    return this.panel.session;
  }

  /** The way in that pictures take: of moving ones, or else of single ones. */
  get input(): Track | null {
    const { media } = this.session ?? {};
    return media?.track("in", "video") ?? media?.track("in", "image") ?? null;
  }

  get voice(): Track | null {
    return this.session?.media.track("in", "audio") ?? null;
  }

  get sound(): Track | null {
    return this.session?.media.track("out", "audio") ?? null;
  }

  get stats(): (PlayerStats & { captured: number; skipped: number }) | null {
    const { captured = 0, skipped = 0 } = this.capture ?? {};
    return this.player && { ...this.player.stats, captured, skipped };
  }

  start(connection: Connection): void {
    this.stop();
    const { toSend: params } = this.panel.settings;
    const session = this.panel.connect(connection, { params, codecs: playable(this.wanted) });
    this.play(session);
    session.on("frame", (frame) => {
      this.events.picture(frame.bitmap, frame);
      const now = performance.now(); // of single pictures nobody else says when
      this.recorder?.picture(frame.bitmap, this.clock.stamp("frames", now), null);
    });
    session.on("stats", () => this.events.stats());
    session.on("key", (track) => track === this.input?.name && this.capture?.key());
  }

  stop(): void {
    this.quiet();
    this.close();
    this.player?.close();
    this.player = null;
    this.panel.close();
  }

  /** Send the video's frames from now on. */
  film(): void {
    this.close();
    if (!this.encodable) return void this.filmLater();
    const { input, video } = this;
    if (!input || !this.session || !video?.videoWidth) return;
    if (input.kind === "image") this.still(input, video);
    else this.moving(input, video);
  }

  /** Send no more frames. */
  close(): void {
    this.turn += 1;
    this.capture?.close();
    this.capture = null;
  }

  /** Send the microphone's sound from now on. */
  async speak(): Promise<void> {
    this.quiet();
    const { voice } = this;
    if (!voice) return;
    const opus = this.wanted.includes(OPUS) && voice.codecs.includes(OPUS);
    await this.microphone.open(voice, opus, (piece) => this.send(voice.name, piece, performance.now()));
  }

  /** Send no more sound. */
  quiet(): void {
    this.microphone.close();
  }

  /** Let sound be heard; to be called within what the user does. */
  async listen(): Promise<void> {
    if (this.sound) await this.player?.listen();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.player?.mute(muted);
  }

  /** Play at this volume, 0..1. */
  loud(loudness: number): void {
    this.loudness = loudness;
    this.player?.loud(loudness);
  }

  /** Whether sound is heard, or would be, were it not muted. */
  get audible(): boolean {
    return this.player?.audible ?? false;
  }

  /** µs of the session's media clock that are heard now; null without sound. */
  get time(): number | null {
    return this.player?.time ?? null;
  }

  /** Hand on what is seen and heard from now on, with this session's models and the next one's; null: no more. */
  record(recorder: Recorder | null): void {
    this.recorder = recorder;
    if (this.player) this.player.recorder = recorder;
  }

  /** Return the sound as a stream, in time with the pictures that are painted; null before any is heard. */
  tap(): ReturnType<MediaPlayer["tap"]> {
    return this.player?.tap() ?? null;
  }

  /** Send a piece of sound of the page's own; tell whether it went. */
  push(samples: Int16Array, rate: number, at: number): boolean {
    const { voice } = this;
    if (!voice || !["open", "generating"].includes(this.session?.state ?? "")) return false;
    const pts = this.clock.stamp(voice.name, at);
    const duration = Math.round((samples.length / rate) * 1e6);
    const piece = { pts, duration, codec: PCM, key: true, data: toBytes(samples), rate, channels: 1 };
    return this.send(voice.name, piece, at);
  }

  set(params: Params): void {
    this.session?.set(params);
  }

  /** Begin on a session that opened: with a key frame, in the model's size. */
  opened(): void {
    if (this.capture) this.film();
  }

  /** Go on with another model, whose tracks are others. */
  switched({ params }: Switched): void {
    if (this.session) this.play(this.session);
    this.set(this.panel.settings.missing(params));
    this.opened();
  }

  /** Whether an error is mended here: what the server cannot decode it can still see. */
  mends(error: LivedraftError): boolean {
    if (error.code !== "invalid_media" || !this.capture || !MOVING.includes(this.capture.codec)) return false;
    this.capture.fallBack();
    return true;
  }

  /** Play what comes from now on, with nothing left of what came before. */
  private play(session: LiveSession): void {
    this.player?.close();
    this.player = new MediaPlayer(session, {
      picture: (picture, message) => this.events.picture(picture, message),
      silenced: () => this.events.silenced(),
      stats: () => this.events.stats(),
      error: (error) => this.events.error(error),
    });
    this.recorder?.begin();
    this.player.recorder = this.recorder;
    this.player.mute(this.muted);
    this.player.loud(this.loudness);
  }

  /** Codecs that the page wants, both ways, best first: who saves on pictures saves on sound, too. */
  private get wanted(): string[] {
    const codec = this.codec || this.saving;
    return MOVING.includes(codec) ? [codec, OPUS] : codec ? [codec] : [];
  }

  /** Whether a frame may go now. A line that cannot carry pictures one by one is spared them from then on. */
  private room(input: Track): boolean {
    const { session } = this;
    if (session?.state !== "open" || !session.media.room) return false;
    const codec = (this.encodable ?? []).find((each) => input.codecs.includes(each));
    if (!this.wanted.length && codec && session.media.crowded) {
      this.saving = codec;
      session.media.prefer(playable(this.wanted));
      return false;
    }
    return true;
  }

  private send(track: string, piece: Piece, at: number): boolean {
    return this.session?.media.send(track, piece, at) ?? false;
  }

  /** Begin once it is known what this browser encodes. */
  private async filmLater(): Promise<void> {
    const { turn } = this;
    this.encodable = await encodable();
    if (turn === this.turn) this.film();
  }

  /** Each frame as a piece of its track, in order. */
  private moving(input: Track, video: HTMLVideoElement): void {
    this.capture = new Capture(video, this.format(input, video), this.clock, input.name, {
      room: () => this.room(input),
      piece: (piece, at) => {
        if (!this.send(input.name, piece, at)) this.capture?.key(); // the next goes on from nothing
      },
      failed: (error) => this.events.error(error),
    });
  }

  /** A model of single pictures takes the newest when it is ready for it. */
  private still(input: Track, video: HTMLVideoElement): void {
    this.capture = new Capture(video, { ...this.format(input, video), codec: "jpeg" }, this.clock, input.name, {
      room: () => this.session?.ready === true,
      piece: (piece, at) => this.session?.send({ [input.name]: piece.data }, at),
      failed: (error) => this.events.error(error),
    });
  }

  private format(input: Track, video: HTMLVideoElement): Format {
    const writable = [...STILLS, ...(this.encodable ?? [])];
    const codec = [...this.wanted, ...STILLS].find((each) => input.codecs.includes(each) && writable.includes(each));
    const { width, height } = input.width && input.height ? input : within(video, USUAL);
    return { width, height, rate: input.rate || USUAL.rate, codec: codec ?? USUAL.codec };
  }
}

/** Whether a model takes pictures, or gives sound or moving ones. */
export function plays({ inputs, outputs }: ModelInfo): boolean {
  return inputs.some(({ kind }) => kind !== "audio") || (outputs ?? []).some(({ kind }) => kind !== "image");
}

/** Return a video's shape at the usual number of px; codecs want even sides. */
function within({ videoWidth, videoHeight }: HTMLVideoElement, usual: Format): { width: number; height: number } {
  const scale = Math.min(1, Math.sqrt((usual.width * usual.height) / (videoWidth * videoHeight)));
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: even(videoWidth), height: even(videoHeight) };
}
