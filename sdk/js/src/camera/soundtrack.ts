/** The sound of a recording where the model gives none: the clip's or the microphone's, as late as the pictures are. */

import type { LivedraftError } from "../errors.ts";
import { close, openMicrophone } from "../media/devices.ts";
import { refusal } from "../media/refusals.ts";
import type { Tap } from "../ui/recording.ts";
import type { Source } from "../ui/source.ts";

const MOST_LATE_S = 2;

export class Soundtrack {
  wanted = true; // by the user

  constructor(
    private readonly source: Source,
    private readonly own: () => boolean, // whether the model gives sound, which is recorded by itself
    private readonly lateMs: () => number, // from a picture's capture to its being shown
    private readonly failed: (error: LivedraftError) => void,
  ) {}

  /** Return what is to be heard; null for nothing, whose reason is told, and for the model's own. */
  async open(): Promise<Tap | null> {
    if (!this.wanted || this.own()) return null;
    if (this.source.kind === "clip") return this.late(soundOf(this.source.video), () => undefined);
    try {
      const stream = await openMicrophone();
      return this.late(stream, () => close(stream));
    } catch (error) {
      this.failed(refusal(error, "microphone"));
      return null;
    }
  }

  private late(stream: MediaStream | null, end: () => void): Tap | null {
    if (!stream?.getAudioTracks().length) return null;
    const context = new AudioContext();
    const delayTime = Math.min(MOST_LATE_S, this.lateMs() / 1000);
    const late = new DelayNode(context, { delayTime, maxDelayTime: MOST_LATE_S });
    const to = context.createMediaStreamDestination();
    context.createMediaStreamSource(stream).connect(late).connect(to);
    return {
      stream: to.stream,
      close: () => {
        end();
        void context.close();
      },
    };
  }
}

/** Return a playing clip's sound, where the browser hands it out. */
function soundOf(video: HTMLVideoElement): MediaStream | null {
  const capture = (video as { captureStream?: () => MediaStream }).captureStream;
  const tracks = capture?.call(video).getAudioTracks() ?? [];
  return tracks.length ? new MediaStream(tracks) : null;
}
