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
import { Microphone } from "../media/microphone.ts";
import { encodable, MOVING } from "../media/moving.ts";
import type { Piece } from "../media/piece.ts";
import { MediaClock } from "../media/piece.ts";
import { OPUS, Voice } from "../media/voice.ts";
import type { Connection } from "./connection.ts";
import type { SessionPanel } from "./session_panel.ts";

export interface LiveEvents {
  picture(picture: Picture | ImageBitmap, message: MediaMessage | Frame): void;
  stats(): void;
  level(level: number): void; // of the microphone, 0..1
  silenced(): void; // there is sound that needs a gesture
  microphoneFailed(error: LivedraftError): void;
  error(error: LivedraftError): void;
}

/** Where the size is the source's own: as many px as this, in its shape. */
const USUAL: Format = { width: 640, height: 360, rate: 30, codec: "jpeg" };
const STILLS = ["jpeg", "webp"];

export class Live {
  private player: MediaPlayer | null = null;
  private capture: Capture | null = null;
  private microphone: Microphone | null = null;
  private voices: Voice | null = null; // what the microphone's sound is encoded by
  private clock = new MediaClock(performance.now());
  private asked = 0; // for a microphone, so that a late one is told apart
  private encodable: string[] | null = null; // of the codecs whose frames need others; null: not known yet
  private muted = false;
  private turn = 0; // of the frames' way, so that a late start of it is told apart
  private saving = ""; // the codec that a narrow line is saved by
  codec = ""; // that the page wants, both ways; empty: pictures one by one, while the line carries them

  constructor(
    private readonly panel: SessionPanel,
    private readonly video: HTMLVideoElement,
    private readonly worklet: () => string,
    private readonly events: LiveEvents,
  ) {}

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
    session.on("frame", (frame) => this.events.picture(frame.bitmap, frame));
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
    if (!input || !this.session || !video.videoWidth) return;
    if (input.kind === "image") this.still(input);
    else this.moving(input);
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
    const asked = ++this.asked;
    const wanted = this.wanted.includes(OPUS) && voice.codecs.includes(OPUS);
    const send = (piece: Piece): void => {
      if (asked === this.asked) this.send(voice.name, piece, performance.now()); // else of a track of before
    };
    const voices = wanted ? new Voice(send) : null;
    this.voices = voices;
    try {
      const microphone = await Microphone.open(this.worklet(), this.clock, voice.name, {
        piece: (piece) => (voices ? voices.push(piece) : send(piece)),
        level: (level) => this.events.level(level),
        ended: (error) => this.events.microphoneFailed(error),
      });
      if (asked === this.asked) this.microphone = microphone;
      else microphone.close();
    } catch (error) {
      if (asked === this.asked) this.events.microphoneFailed(error as LivedraftError);
    }
  }

  /** Send no more sound. */
  quiet(): void {
    this.asked += 1;
    this.voices?.close();
    this.voices = null;
    this.microphone?.close();
    this.microphone = null;
    this.events.level(0);
  }

  /** Let sound be heard; to be called within what the user does. */
  listen(): void {
    if (this.sound) void this.player?.listen();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.player?.mute(muted);
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
    this.player.mute(this.muted);
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
  private moving(input: Track): void {
    this.capture = new Capture(this.video, this.format(input), this.clock, input.name, {
      room: () => this.room(input),
      piece: (piece, at) => {
        if (!this.send(input.name, piece, at)) this.capture?.key(); // the next goes on from nothing
      },
      failed: (error) => this.events.error(error),
    });
  }

  /** A model of single pictures takes the newest when it is ready for it. */
  private still(input: Track): void {
    this.capture = new Capture(this.video, { ...this.format(input), codec: "jpeg" }, this.clock, input.name, {
      room: () => this.session?.ready === true,
      piece: (piece, at) => this.session?.send({ [input.name]: piece.data }, at),
      failed: (error) => this.events.error(error),
    });
  }

  private format(input: Track): Format {
    const writable = [...STILLS, ...(this.encodable ?? [])];
    const codec = [...this.wanted, ...STILLS].find((each) => input.codecs.includes(each) && writable.includes(each));
    const { width, height } = input.width && input.height ? input : within(this.video, USUAL);
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
