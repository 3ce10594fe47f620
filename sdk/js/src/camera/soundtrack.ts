/** The sound of a recording where the model gives none: the clip's or the microphone's, as it is captured. */

import type { LivedraftError } from "../errors.ts";
import { close, openMicrophone } from "../media/devices.ts";
import type { HeardSound } from "../media/film/heard.ts";
import { Microphone } from "../media/microphone.ts";
import { MediaClock, toChannels } from "../media/piece.ts";
import { refusal } from "../media/refusals.ts";
import type { Tap } from "../ui/recording.ts";
import type { Source } from "../ui/source.ts";

const MOST_LATE_S = 2;
const RATE = 48_000; // Hz, of films

export class Soundtrack {
  wanted = true; // by the user

  constructor(
    private readonly source: Source,
    private readonly own: () => boolean, // whether the model gives sound, which is recorded by itself
    private readonly lateMs: () => number, // from a picture's capture to its being shown
    private readonly worklet: () => string,
    private readonly failed: (error: LivedraftError) => void,
  ) {}

  /** Return what is to be heard; null for nothing, whose reason is told, and for the model's own. */
  async open(): Promise<Tap | null> {
    if (!this.wanted || this.own()) return null;
    if (this.source.kind === "clip") return this.tap(soundOf(this.source.video), 2);
    try {
      return this.tap(await openMicrophone(), 1);
    } catch (error) {
      this.failed(refusal(error, "microphone"));
      return null;
    }
  }

  private tap(stream: MediaStream | null, channels: number): Tap | null {
    if (!stream?.getAudioTracks().length) return null;
    let context: AudioContext | null = null;
    let hearing: Promise<Microphone | null> | null = null;
    return {
      hear: (take) => (hearing = this.heard(stream, channels, take)),
      late: () => {
        context = new AudioContext();
        const delayTime = Math.min(MOST_LATE_S, this.lateMs() / 1000);
        const late = new DelayNode(context, { delayTime, maxDelayTime: MOST_LATE_S });
        const to = context.createMediaStreamDestination();
        context.createMediaStreamSource(stream).connect(late).connect(to);
        return to.stream;
      },
      close: () => {
        void hearing?.then((microphone) => microphone?.close());
        void context?.close();
        close(stream);
      },
    };
  }

  /** Hear a stream; that it cannot be heard is told, and the film is silent. */
  private heard(stream: MediaStream, channels: number, take: (sound: HeardSound) => void): Promise<Microphone | null> {
    const events = {
      piece: ({ data, pts }: { data: Uint8Array; pts: number }) =>
        take({ channels: toChannels(data, channels), rate: RATE, pts }),
      level: () => undefined,
      ended: this.failed,
    };
    const track = { name: "film", rate: RATE, channels };
    return Microphone.of(stream, this.worklet(), new MediaClock(0), track, events).catch((error: LivedraftError) => {
      this.failed(error);
      return null;
    });
  }
}

/** Return a playing clip's sound, where the browser hands it out. */
function soundOf(video: HTMLVideoElement): MediaStream | null {
  const capture = (video as { captureStream?: () => MediaStream }).captureStream;
  const tracks = capture?.call(video).getAudioTracks() ?? [];
  return tracks.length ? new MediaStream(tracks) : null;
}
