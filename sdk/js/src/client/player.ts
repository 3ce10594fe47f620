/** Plays what a session sends: decodes it, lets sound lead, shows pictures in their time, confirms all. */

import type { LivedraftError } from "../errors.ts";
import type { Picture, Sound } from "../media/decoder.ts";
import { PictureDecoder, SoundDecoder } from "../media/decoder.ts";
import type { Recorder } from "../media/film/film.ts";
import { Heard } from "../media/film/heard.ts";
import type { Due } from "../media/playback.ts";
import { Playback, SEEN_US } from "../media/playback.ts";
import { delayOf, outputOf, Speaker } from "../media/speaker.ts";
import type { Flight, MediaStats } from "./media.ts";
import { browser } from "./platform.ts";
import type { MediaMessage } from "./protocol.ts";
import { Remote } from "./remote.ts";
import type { LiveSession } from "./session.ts";

export interface PlayerEvents {
  /** Paint this picture; it is only valid during the call. */
  picture(picture: Picture, message: MediaMessage): void;
  /** There is sound, and the browser plays none before the user does something. */
  silenced(): void;
  stats(stats: PlayerStats): void;
  error(error: LivedraftError): void;
}

export interface PlayerStats extends MediaStats {
  late: number; // pictures that came too late for their time
  gaps: number; // pieces of sound that did
  offsetMs: number | null; // of the newest picture, once it is seen, from the sound that is heard then; null without sound
}

const RTP = "rtp"; // the codec of what goes by WebRTC, and is only told of
const RESUMES_MS = 300; // that a browser takes to begin with sound, where it plays any

interface Shown extends Due<Picture> {
  message: MediaMessage;
  flight: Flight | null;
}

export class MediaPlayer {
  /** Is handed what is seen and heard. */
  recorder: Recorder | null = null;
  private context: AudioContext | null = null;
  private mixed: GainNode | null = null; // all that sounds, whatever its volume
  private volume: GainNode | null = null;
  private speaker: Speaker | null = null;
  private readonly pictures: PictureDecoder<MediaMessage>;
  private readonly sounds: SoundDecoder<MediaMessage>;
  private readonly playback: Playback<Picture>;
  private readonly stop: () => void;
  private ticking = false;
  private offsetMs: number | null = null;
  private readonly heard = new Heard();
  private muted = false;
  private loudness = 1;
  private silenceReported = false; // that sound waits for a gesture
  private listenedAt = -Infinity; // when the browser was asked to play sound, ms
  private waiting = new Map<number, { flight: Flight | null }>(); // by pts, being decoded
  private remote: Remote | null = null; // what comes by WebRTC
  private streamed: MediaStreamAudioSourceNode | null = null; // its sound

  constructor(
    private readonly session: LiveSession,
    private readonly events: PlayerEvents,
  ) {
    const passed = (piece: MediaMessage): void => {
      this.waiting.delete(piece.pts);
      this.session.media.confirm(piece);
    };
    const failed = (error: LivedraftError, piece: MediaMessage): void => {
      passed(piece);
      events.error(error);
    };
    this.pictures = new PictureDecoder({
      made: (picture, piece) => this.decoded(picture, piece),
      passed,
      failed,
      key: ({ track }) => this.session.media.askKey(track),
    });
    this.sounds = new SoundDecoder({ made: (sound, piece) => this.sound(sound, piece), failed });
    const screen = {
      show: (due: Due<Picture>) => this.show(due as Shown),
      drop: (due: Due<Picture>) => this.drop(due as Shown),
    };
    this.playback = new Playback<Picture>(() => this.speaker, screen);
    const stops = [
      session.on("media", (message) => this.take(message)),
      session.on("interrupted", () => this.flush()),
      session.on("opened", () => this.tune()),
    ];
    this.stop = () => stops.forEach((stop) => stop());
    this.tune();
  }

  get stats(): PlayerStats {
    const { late } = this.playback;
    return { ...this.session.media.stats(), late, gaps: this.speaker?.gaps ?? 0, offsetMs: this.offsetMs };
  }

  /** Let sound be heard; browsers want this within what the user does, as a click. */
  async listen(): Promise<void> {
    this.context ??= this.open();
    this.listenedAt = browser.now();
    this.silenceReported = false;
    await this.context.resume();
  }

  /** Whether sound is heard, or would be, were it not muted. */
  get audible(): boolean {
    return this.context?.state === "running";
  }

  /** µs of the session's media clock that are heard now; null without sound. */
  get time(): number | null {
    return this.audible ? (this.remote ? this.remote.time(browser.now()) : (this.speaker?.time ?? null)) : null;
  }

  /** Silence it or not; its clock goes on. */
  mute(muted: boolean): void {
    this.muted = muted;
    this.turn();
  }

  /** Play at this volume, 0..1. */
  loud(loudness: number): void {
    this.loudness = loudness;
    this.turn();
  }

  /** Return the sound as a stream, as late as it is heard, whatever its volume; null before any is. */
  tap(): { stream: MediaStream; close(): void } | null {
    const { context, mixed } = this;
    if (!context || !mixed) return null;
    const end = context.createMediaStreamDestination();
    const late = new DelayNode(context, { delayTime: delayOf(context), maxDelayTime: 1 });
    mixed.connect(late).connect(end);
    return {
      stream: end.stream,
      close: () => {
        mixed.disconnect(late);
        late.disconnect();
      },
    };
  }

  /** Be silent at once, and show nothing that waits; all of it is confirmed. */
  flush(): void {
    const time = this.speaker?.time ?? null;
    for (const sound of this.heard.cut(time ?? -Infinity)) this.recorder?.sound(sound);
    this.speaker?.flush();
    this.playback.flush();
  }

  close(): void {
    this.stop();
    this.remote?.close();
    this.remote = null;
    this.flush();
    this.pictures.close();
    this.sounds.close();
    void this.context?.close();
    this.context = null;
  }

  private open(): AudioContext {
    const rate = this.session.media.track("out", "audio")?.rate;
    const context = new AudioContext({ latencyHint: "interactive", ...(rate ? { sampleRate: rate } : {}) });
    this.mixed = new GainNode(context);
    this.volume = new GainNode(context);
    this.mixed.connect(this.volume).connect(context.destination);
    this.turn();
    const live = this.session.media.track("in", "audio") !== null;
    this.speaker = new Speaker(outputOf(context, this.mixed), live);
    this.hearStream(context);
    return context;
  }

  /** Play what the connection brings: over WebRTC tracks, beside messages. */
  private tune(): void {
    this.remote?.close();
    const { rtp } = this.session.media;
    this.remote = rtp ? new Remote(rtp, (picture, message) => this.pass(picture, message)) : null;
    if (this.context) this.hearStream(this.context);
  }

  private hearStream(context: AudioContext): void {
    this.streamed?.disconnect();
    this.streamed = null;
    const sound = this.remote?.stream.getAudioTracks() ?? [];
    if (!sound.length || !this.mixed) return;
    this.streamed = context.createMediaStreamSource(new MediaStream(sound));
    this.streamed.connect(this.mixed);
  }

  /** Show a picture that WebRTC brought: the browser keeps it in time with its sound. */
  private pass(picture: Picture, message: MediaMessage): void {
    if (!this.session.wants(message)) return;
    this.events.picture(picture, message);
    this.recorder?.picture(picture, message.pts, this.session.media.bornAt(browser.now()));
    this.session.media.shown(message, null);
    this.events.stats(this.stats);
  }

  private turn(): void {
    if (this.volume) this.volume.gain.value = this.muted ? 0 : this.loudness;
  }

  private take(message: MediaMessage): void {
    const { media } = this.session;
    const kind = media.tracks.find((each) => each.name === message.track)?.kind;
    const flight = media.answered(message);
    if (message.codec === RTP) return this.told(message, kind);
    if (kind !== "audio") {
      this.waiting.set(message.pts, { flight });
      this.pictures.push(message);
    } else if (this.context?.state === "running") this.sounds.push(message);
    else {
      media.confirm(message);
      this.silent();
    }
  }

  /** Take what is told of a piece that goes by RTP. */
  private told(message: MediaMessage, kind: string | undefined): void {
    this.session.media.confirm(message);
    if (kind !== "audio") this.remote?.hear(message);
    else if (!this.audible) this.silent();
  }

  /** There is sound that nobody hears. */
  private silent(): void {
    if (this.silenceReported || browser.now() - this.listenedAt < RESUMES_MS) return;
    this.silenceReported = true;
    this.events.silenced();
  }

  private sound({ channels, rate }: Sound, message: MediaMessage): void {
    if (!this.speaker || !rate || !this.session.wants(message)) return this.session.media.confirm(message);
    this.speaker.play(channels, rate, message.pts, () => this.session.media.confirm(message));
    this.heard.add({ channels, rate, pts: message.pts });
    this.record();
  }

  private decoded(picture: Picture, message: MediaMessage): void {
    const { pts, duration } = message;
    const { flight } = this.waiting.get(pts) ?? { flight: null };
    this.waiting.delete(pts);
    if (!this.session.wants(message)) return this.drop({ picture, pts, duration, message, flight } as Shown);
    this.playback.add({ picture, pts, duration, message, flight } as Shown);
    this.tick();
  }

  /** Look before each paint what is due, while anything waits. */
  private tick(): void {
    if (this.ticking) return;
    this.ticking = true;
    browser.nextFrame(() => {
      this.ticking = false;
      this.playback.tick();
      if (this.playback.waits) this.tick();
    });
  }

  private show(due: Shown): void {
    const { picture, message, flight, pts } = due;
    const time = this.speaker?.time ?? null;
    this.offsetMs = time === null ? null : (time + SEEN_US - pts) / 1000;
    this.events.picture(picture, message);
    this.record();
    this.recorder?.picture(picture, pts, flight?.capturedAt ?? null);
    this.session.media.shown(message, flight);
    this.drop(due);
    this.events.stats(this.stats);
  }

  /** Hand on what was heard by now. */
  private record(): void {
    const { time } = this;
    if (time !== null) for (const sound of this.heard.until(time)) this.recorder?.sound(sound);
  }

  private drop({ picture, message }: Shown): void {
    picture.close();
    this.session.media.confirm(message);
  }
}
