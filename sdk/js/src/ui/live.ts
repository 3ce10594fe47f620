/** Joins a source to a session: frames and sound go up while both are there, answers come down. */

import type { Transport } from "../client/opening.ts";
import type { PlayerStats } from "../client/player.ts";
import { MediaPlayer } from "../client/player.ts";
import type { MediaMessage, ModelInfo, Params, Switched, Track } from "../client/protocol.ts";
import type { Frame, LiveSession } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import type { Picture } from "../media/decoder.ts";
import { playable } from "../media/decoder.ts";
import type { Recorder } from "../media/film/film.ts";
import type { Glass } from "../media/marker.ts";
import { GlassMeter, mark } from "../media/marker.ts";
import type { Piece } from "../media/piece.ts";
import { MediaClock, PCM, toBytes } from "../media/piece.ts";
import { OPUS } from "../media/voice.ts";
import type { Connection } from "./connection.ts";
import { FramesUp } from "./frames_up.ts";
import type { MicrophoneLineEvents } from "./microphone_line.ts";
import { MicrophoneLine } from "./microphone_line.ts";
import type { SessionPanel } from "./session_panel.ts";

export interface LiveEvents extends MicrophoneLineEvents {
  picture(picture: Picture | ImageBitmap, message: MediaMessage | Frame): void;
  stats(): void;
  silenced(): void; // there is sound that needs a gesture
  error(error: LivedraftError): void;
}

export interface LiveStats extends PlayerStats {
  captured: number; // frames that were taken to be sent
  skipped: number; // frames that were left out: the line was busy
  glass: Glass | null; // where frames carry their time
}

const TRANSPORTS: readonly Transport[] = ["auto", "websocket", "webrtc"];

export class Live {
  private player: MediaPlayer | null = null;
  private readonly clock = new MediaClock(performance.now());
  private readonly microphone: MicrophoneLine;
  private recorder: Recorder | null = null;
  private muted = false;
  private loudness = 1;
  private transport: Transport = "websocket";
  private readonly frames: FramesUp;
  private glass: GlassMeter | null = null; // of frames that carry their time

  constructor(
    private readonly panel: SessionPanel,
    video: HTMLVideoElement | null, // none: no pictures are sent
    worklet: () => string,
    private readonly events: LiveEvents,
  ) {
    this.microphone = new MicrophoneLine(worklet, this.clock, events);
    this.frames = new FramesUp(
      video,
      () => this.session,
      this.clock,
      (error) => events.error(error),
    );
  }

  get session(): LiveSession | null {
    return this.panel.session;
  }

  /** The way in that pictures take: of moving ones, or else of single ones. */
  get input(): Track | null {
    return this.frames.input;
  }

  /** The codec that the page wants, both ways; empty: pictures one by one, while the line carries them. */
  set codec(codec: string) {
    this.frames.codec = codec;
  }

  /** What sound and moving pictures go by from the next session on, in an attribute's words. */
  by(words: string | null): void {
    this.transport = TRANSPORTS.find((each) => each === words) ?? "websocket";
  }

  get voice(): Track | null {
    return this.session?.media.track("in", "audio") ?? null;
  }

  get sound(): Track | null {
    return this.session?.media.track("out", "audio") ?? null;
  }

  get stats(): LiveStats | null {
    return this.player && { ...this.player.stats, ...this.frames.counts, glass: this.glass?.glass ?? null };
  }

  /** Put into each frame when it was captured, and read it in what comes back; or no more. */
  measure(on: boolean): void {
    this.glass = on ? new GlassMeter() : null;
    this.frames.mark = on ? mark : undefined;
    if (this.frames.running) this.film();
  }

  start(connection: Connection): void {
    this.stop();
    const { toSend: params } = this.panel.settings;
    const codecs = playable(this.frames.wanted);
    const session = this.panel.connect(connection, { params, codecs, transport: this.way });
    this.play(session);
    session.on("frame", (frame) => {
      this.events.picture(frame.bitmap, frame);
      const now = performance.now(); // of single pictures nobody else says when
      this.recorder?.picture(frame.bitmap, this.clock.stamp("frames", now), null);
    });
    session.on("stats", () => this.events.stats());
    session.on("key", (track) => this.frames.key(track));
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
    this.frames.begin();
  }

  /** Send no more frames. */
  close(): void {
    this.frames.close();
  }

  /** Send the microphone's sound from now on. */
  async speak(): Promise<void> {
    this.quiet();
    const { voice } = this;
    if (!voice) return;
    const opus = this.frames.wanted.includes(OPUS) && voice.codecs.includes(OPUS);
    await this.microphone.open(voice, opus, (piece) => {
      if (!this.session?.media.rtp) this.send(voice.name, piece, performance.now());
    });
    this.session?.media.rtp?.send("audio", this.microphone.track);
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

  /** Whether sound comes by WebRTC, or may from any moment on. */
  get streams(): boolean {
    return this.sound !== null && this.way !== "websocket";
  }

  /** What a session goes by: one whose codecs the page chooses, by the WebSocket. */
  private get way(): Transport {
    return this.frames.codec ? "websocket" : this.transport;
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
    if (this.frames.running) this.film();
    this.session?.media.rtp?.send("audio", this.microphone.track);
  }

  /** Go on with another model, whose tracks are others. */
  switched({ params }: Switched): void {
    if (this.session) this.play(this.session);
    this.set(this.panel.settings.missing(params));
    this.opened();
  }

  /** Whether an error is mended here: what the server cannot decode it can still see. */
  mends(error: LivedraftError): boolean {
    return this.frames.mends(error);
  }

  /** Play what comes from now on, with nothing left of what came before. */
  private play(session: LiveSession): void {
    this.player?.close();
    this.player = new MediaPlayer(session, {
      picture: (picture, message) => {
        this.glass?.look(picture, widthOf(picture), performance.now());
        this.events.picture(picture, message);
      },
      silenced: () => this.events.silenced(),
      stats: () => this.events.stats(),
      error: (error) => this.events.error(error),
    });
    this.recorder?.begin();
    this.player.recorder = this.recorder;
    this.player.mute(this.muted);
    this.player.loud(this.loudness);
  }

  private send(track: string, piece: Piece, at: number): boolean {
    return this.session?.media.send(track, piece, at) ?? false;
  }
}

function widthOf(picture: Picture): number {
  return "displayWidth" in picture ? picture.displayWidth : picture.width;
}

/** Whether a model takes pictures, or gives sound or moving ones. */
export function plays({ inputs, outputs }: ModelInfo): boolean {
  return inputs.some(({ kind }) => kind !== "audio") || (outputs ?? []).some(({ kind }) => kind !== "image");
}
