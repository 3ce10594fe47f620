/** The way of a video's frames to a session: as a track, as pieces in order, or each as it is ready for one. */

import type { Track } from "../client/protocol.ts";
import type { LiveSession } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import { CameraTrack } from "../media/camera_track.ts";
import type { Format, Mark, Outflow } from "../media/capture.ts";
import { Capture } from "../media/capture.ts";
import { playable } from "../media/decoder.ts";
import { encodable, MOVING } from "../media/moving.ts";
import type { MediaClock, Piece } from "../media/piece.ts";
import { OPUS } from "../media/voice.ts";

/** Where the size is the source's own: as many px as this, in its shape. */
const USUAL: Format = { width: 640, height: 360, rate: 30, codec: "jpeg" };
const STILLS = ["jpeg", "webp"];

export class FramesUp {
  codec = ""; // that the page wants, both ways; empty: pictures one by one, while the line carries them
  mark: Mark | undefined; // what is put into each frame
  private out: Outflow | null = null;
  private encodable: string[] | null = null; // of the codecs whose frames need others; null: not known yet
  private saving = ""; // the codec that a narrow line is saved by
  private turn = 0; // so that a late start is told apart

  constructor(
    private readonly video: HTMLVideoElement | null, // none: no pictures are sent
    private readonly session: () => LiveSession | null,
    private readonly clock: MediaClock,
    private readonly failed: (error: LivedraftError) => void,
  ) {
    video?.addEventListener("resize", () => this.out && this.begin()); // a phone was turned
  }

  /** The way in that pictures take: of moving ones, or else of single ones. */
  get input(): Track | null {
    const { media } = this.session() ?? {};
    return media?.track("in", "video") ?? media?.track("in", "image") ?? null;
  }

  get running(): boolean {
    return this.out !== null;
  }

  get counts(): { captured: number; skipped: number } {
    const { captured = 0, skipped = 0 } = this.out ?? {};
    return { captured, skipped };
  }

  /** Codecs that the page wants, both ways, best first: who saves on pictures saves on sound, too. */
  get wanted(): string[] {
    const codec = this.codec || this.saving;
    return MOVING.includes(codec) ? [codec, OPUS] : codec ? [codec] : [];
  }

  /** Send the video's frames from now on. */
  begin(): void {
    this.close();
    if (!this.encodable) return void this.later();
    const { input, video } = this;
    const session = this.session();
    if (!input || !session || !video?.videoWidth) return;
    if (input.kind === "image") this.out = this.still(session, input, video);
    else if (session.media.rtp) this.out = this.stream(session, input, video);
    else this.out = this.moving(session, input, video);
  }

  /** Send no more frames. */
  close(): void {
    this.turn += 1;
    this.out?.close();
    this.out = null;
  }

  /** Let the next frame of a track be a key frame. */
  key(track: string): void {
    if (track === this.input?.name) this.out?.key();
  }

  /** Whether an error is mended here: what the server cannot decode it can still see. */
  mends(error: LivedraftError): boolean {
    if (error.code !== "invalid_media" || !this.out || !MOVING.includes(this.out.codec)) return false;
    this.out.fallBack();
    return true;
  }

  /** Whether a frame may go now. A line that cannot carry pictures one by one is spared them from then on. */
  private room(session: LiveSession, input: Track): boolean {
    if (session.state !== "open" || !session.media.room) return false;
    const codec = (this.encodable ?? []).find((each) => input.codecs.includes(each));
    if (!this.wanted.length && codec && session.media.crowded) {
      this.saving = codec;
      session.media.prefer(playable(this.wanted));
      return false;
    }
    return true;
  }

  /** Begin once it is known what this browser encodes. */
  private async later(): Promise<void> {
    const { turn } = this;
    this.encodable = await encodable();
    if (turn === this.turn) this.begin();
  }

  /** All frames as one track, which the browser encodes as the line bears it. */
  private stream(session: LiveSession, input: Track, video: HTMLVideoElement): Outflow {
    const made = new CameraTrack(video, this.format(input, video), this.mark);
    session.media.rtp?.send("video", made.track);
    return made;
  }

  /** Each frame as a piece of its track, in order. */
  private moving(session: LiveSession, input: Track, video: HTMLVideoElement): Outflow {
    const events = {
      room: () => this.room(session, input),
      piece: (piece: Piece, at: number) => {
        if (!session.media.send(input.name, piece, at)) this.out?.key(); // the next goes on from nothing
      },
      failed: this.failed,
    };
    return new Capture(video, this.format(input, video), this.clock, input.name, events, this.mark);
  }

  /** A model of single pictures takes the newest when it is ready for it. */
  private still(session: LiveSession, input: Track, video: HTMLVideoElement): Outflow {
    const events = {
      room: () => session.ready,
      piece: (piece: Piece, at: number) => session.send({ [input.name]: piece.data }, at),
      failed: this.failed,
    };
    return new Capture(video, { ...this.format(input, video), codec: "jpeg" }, this.clock, input.name, events);
  }

  private format(input: Track, video: HTMLVideoElement): Format {
    const writable = [...STILLS, ...(this.encodable ?? [])];
    const codec = [...this.wanted, ...STILLS].find((each) => input.codecs.includes(each) && writable.includes(each));
    const { width, height } = input.width && input.height ? input : within(video, USUAL);
    return { width, height, rate: input.rate || USUAL.rate, codec: codec ?? USUAL.codec };
  }
}

/** Return a video's shape at the usual number of px; codecs want even sides. */
function within({ videoWidth, videoHeight }: HTMLVideoElement, usual: Format): { width: number; height: number } {
  const scale = Math.min(1, Math.sqrt((usual.width * usual.height) / (videoWidth * videoHeight)));
  const even = (side: number): number => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: even(videoWidth), height: even(videoHeight) };
}
