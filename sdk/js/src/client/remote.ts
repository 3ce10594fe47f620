/** What comes by WebRTC: pictures as they are due, beside what the server's messages tell of them; and sound. */

import type { Picture } from "../media/decoder.ts";
import type { MediaMessage } from "./protocol.ts";
import type { Rtp } from "./wire.ts";

const RTP_US = 1000 / 90; // of one tick of a video's clock
const ROUND = 2 ** 32; // ticks, after which it begins again

/** Hands over a track's frames as they are decoded: Chromium's. A video element's come with a paint after that. */
interface Processor {
  readonly readable: ReadableStream<VideoFrame & { metadata?(): { rtpTimestamp?: number } }>;
}
type Processors = new (of: { track: MediaStreamTrack | undefined; maxBufferSize: number }) => Processor;

export class Remote {
  readonly stream: MediaStream;
  private readonly video = document.createElement("video");
  private told: MediaMessage | null = null; // of the newest picture
  private start: { ticks: number; pts: number } | null = null; // of the first picture
  private running = true;
  private stop = (): void => undefined; // reading frames
  private seen: { pts: number; at: number } | null = null; // the newest picture, and when (ms)

  /** `shown` is handed each picture, which is only valid during the call, with its time on the media clock. */
  constructor(
    rtp: Rtp,
    private readonly shown: (picture: Picture, message: MediaMessage) => void,
  ) {
    this.stream = rtp.received();
    const { MediaStreamTrackProcessor: Made } = globalThis as { MediaStreamTrackProcessor?: Processors };
    // Browsers give sound to nobody that no element plays: this one is silent, and stands for that.
    this.play(Made ? new MediaStream(this.stream.getAudioTracks()) : this.stream);
    if (Made) void this.read(new Made({ track: this.stream.getVideoTracks()[0], maxBufferSize: 1 }));
    else this.next();
  }

  /** Take what the server tells of a picture that is on its way, or here. */
  hear(message: MediaMessage): void {
    this.told = message;
  }

  /** Return the µs of the media clock that are seen, and heard, at `now` (ms): the browser keeps both together. */
  time(now: number): number | null {
    return this.seen && this.seen.pts + 1000 * (now - this.seen.at);
  }

  close(): void {
    this.running = false;
    this.stop();
    this.video.srcObject = null;
  }

  /** Show each frame as it is there; where showing takes long, the newest. */
  private async read({ readable }: Processor): Promise<void> {
    const frames = readable.getReader();
    this.stop = () => void frames.cancel();
    for (let { value } = await frames.read(); value; { value } = await frames.read()) {
      if (this.told) this.show(value, this.placed(this.told, value.metadata?.().rtpTimestamp));
      else value.close();
    }
  }

  private play(srcObject: MediaStream): void {
    Object.assign(this.video, { muted: true, playsInline: true, autoplay: true, srcObject });
    void this.video.play().catch(() => undefined); // broken off by `close`
  }

  private next(): void {
    if (!("requestVideoFrameCallback" in this.video)) {
      requestAnimationFrame(() => this.frame(undefined));
    } else this.video.requestVideoFrameCallback((_now, { rtpTimestamp }) => this.frame(rtpTimestamp));
  }

  private frame(ticks: number | undefined): void {
    if (!this.running) return;
    this.next();
    const { told, video } = this;
    if (!told || !video.videoWidth) return;
    const message = this.placed(told, ticks);
    if (typeof VideoFrame !== "undefined") return this.show(new VideoFrame(video, { timestamp: message.pts }), message);
    void createImageBitmap(video).then((picture) => this.show(picture, message));
  }

  private show(picture: Picture, message: MediaMessage): void {
    if (this.running) this.shown(picture, message);
    picture.close();
  }

  /** Return what was told of a picture that is seen now, with the time at which it is due. */
  private placed(told: MediaMessage, ticks: number | undefined): MediaMessage {
    const pts = this.pts(ticks, told.pts);
    this.seen = { pts, at: performance.now() };
    return { ...told, pts };
  }

  /** Return when a picture is due, µs; the messages only tell it of the newest on its way. */
  private pts(ticks: number | undefined, newest: number): number {
    if (ticks === undefined) return newest;
    this.start ??= { ticks, pts: newest };
    const passed = (ticks - this.start.ticks + ROUND) % ROUND;
    if (passed < ROUND / 2) return this.start.pts + Math.round(passed * RTP_US);
    this.start = { ticks, pts: newest };
    return newest;
  }
}
