/**
 * Makes a film of pictures and sound, each at its own time of the media clock: a page that is late, or a recorder's
 * idea of time, cannot part them. By WebCodecs, which browsers have on pages of https and of this machine.
 */

import type { HeardSound } from "./heard.ts";
import { Mp4 } from "./mp4.ts";
import { configuration, FRAME_US, PICTURES, PictureLine } from "./pictures.ts";
import { SoundLine, soundOf } from "./sound.ts";
import { Timeline } from "./timeline.ts";

/** What a player hands on of what is seen and heard. */
export interface Recorder {
  /** Another clock begins. */
  begin(): void;
  /**
   * A picture is shown whose time, µs, is this, and which shows what was captured then, ms of the page's clock; null
   * where nobody knows. It is only valid during the call.
   */
  picture(picture: ImageBitmap | VideoFrame, pts: number, capturedAt: number | null): void;
  /** Sound was heard. */
  sound(sound: HeardSound): void;
}

const QUIET_US = 1_000_000; // so far behind its pictures, sound is taken for silence

/** Return the codec of pictures that this browser makes films with; empty: it makes none. */
export async function filmable(): Promise<string> {
  if (typeof VideoEncoder === "undefined" || typeof AudioEncoder === "undefined") return "";
  const heard = await AudioEncoder.isConfigSupported(soundOf(24_000, 1)).catch(() => null);
  if (!heard?.supported) return "";
  for (const codec of PICTURES) {
    const answer = await VideoEncoder.isConfigSupported(configuration(codec, 512, 512)).catch(() => null);
    if (answer?.supported) return codec;
  }
  return "";
}

export class Film implements Recorder {
  /** Pictures that were left out: the encoder was busy. */
  left = 0;
  private readonly file = new Mp4();
  private readonly times = new Timeline();
  private pictures: PictureLine | null = null;
  private sounds: SoundLine | null = null;
  private broken = false;

  /** `failed` hears once that it goes no further; what is there until then is kept. */
  constructor(
    private readonly codec: string,
    private readonly failed: (error: unknown) => void,
  ) {}

  begin(): void {
    this.times.begin();
    this.sounds?.begin();
  }

  picture(picture: ImageBitmap | VideoFrame, pts: number): void {
    if (this.broken) return;
    const at = this.times.of(pts, FRAME_US);
    this.pictures ??= new PictureLine(this.file, this.codec, sizeOf(picture), (error) => this.fail(error));
    if (!this.pictures.add(picture, at)) this.left += 1;
    this.sounds?.silence(at - QUIET_US);
  }

  sound(sound: HeardSound): void {
    if (this.broken || !this.pictures) return; // it begins with a picture
    const { channels, rate, pts } = sound;
    const at = this.times.of(pts, ((channels[0]?.length ?? 0) / rate) * 1e6);
    this.sounds ??= new SoundLine(this.file, sound, Math.max(0, at), (error) => this.fail(error));
    this.sounds.add(channels, rate, at);
  }

  /** End; return the film, and nothing where nothing was seen. */
  async stop(): Promise<Blob | null> {
    await Promise.all([this.pictures?.close(this.times.end), this.sounds?.close()]);
    return this.pictures?.some ? this.file.finish() : null;
  }

  private fail(error: unknown): void {
    if (this.broken) return;
    this.broken = true;
    this.failed(error);
  }
}

function sizeOf(picture: ImageBitmap | VideoFrame): { width: number; height: number } {
  if ("displayWidth" in picture) return { width: picture.displayWidth, height: picture.displayHeight };
  return picture;
}
