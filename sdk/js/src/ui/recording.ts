/** Records what is seen and heard into a film, which is named and marked. */

import { LivedraftError } from "../errors.ts";
import { Dubbed } from "../media/film/dubbed.ts";
import { Film, filmable } from "../media/film/film.ts";
import type { HeardSound } from "../media/film/heard.ts";
import { marked, RECORDED } from "../media/films.ts";
import type { Recipe } from "../media/recipe.ts";
import type { Live } from "./live.ts";

const BITRATE = 3_000_000; // bit/s: a face of 512² px at its best

/** What a film is called, before its day and time. */
export type FilmName = "talking-head" | "camera";

/** Sound from beside the session. */
export interface Tap {
  /** Hand it on as it is captured; its times are µs of the page's clock. */
  hear(take: (sound: HeardSound) => void): void;
  /** Return it as late as the pictures are painted that show what was seen with it. */
  late(): MediaStream;
  close(): void;
}

/** Return whether this browser makes films. */
export function recordable(): boolean {
  return typeof VideoEncoder !== "undefined" || recorded() !== "";
}

/**
 * A film by the times of the media. Where a page has no WebCodecs, as on one without https, the browser's recorder
 * films it by its own idea of time, which is up to 60 ms another one for sound than for pictures.
 */
export class Recording {
  private readonly begun: Promise<() => Promise<Blob | null>>; // how it is ended

  /**
   * Begin, with this sound if there is any, else with the session's; throws `record_unsupported`. `failed` hears why
   * it cannot begin after all, or goes no further.
   */
  constructor(
    canvas: HTMLCanvasElement,
    live: Live,
    private readonly name: FilmName,
    tap: Tap | null,
    failed: (error: LivedraftError) => void,
  ) {
    if (!recordable()) throw unsupported();
    this.begun = filmable()
      // Sound that comes by WebRTC has no times that a page is told of.
      .then((codec) => (codec && !live.streams ? byTimes(codec, live, tap, failed) : byRecorder(canvas, live, tap)))
      .catch((error) => {
        failed(error instanceof LivedraftError ? error : unsupported(String(error)));
        return () => Promise.resolve(null);
      });
  }

  /** End; return the film, null where nothing was seen. */
  async stop(recipe: Recipe, at: Date): Promise<File | null> {
    const film = await (await this.begun)();
    if (!film) return null;
    const type = film.type.replace(/;.*/, "");
    return new File([marked(film, recipe)], nameOf(this.name, at, type), { type });
  }
}

/** Return a name by the local time: talking-head-2026-11-27-0905.mp4 */
export function nameOf(name: FilmName, at: Date, type: string): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${name}-${day}-${two(at.getHours())}${two(at.getMinutes())}.${type.split("/")[1]}`;
}

function byTimes(
  codec: string,
  live: Live,
  tap: Tap | null,
  failed: (error: LivedraftError) => void,
): () => Promise<Blob | null> {
  const film = new Film(codec, (error) => failed(brokenOff(error)));
  const dubbed = tap && new Dubbed(film, () => performance.now());
  live.record(dubbed ?? film);
  tap?.hear((sound) => dubbed?.hear(sound));
  return () => {
    live.record(null);
    tap?.close();
    return film.stop();
  };
}

function byRecorder(canvas: HTMLCanvasElement, live: Live, tap: Tap | null): () => Promise<Blob | null> {
  const mimeType = recorded();
  if (!mimeType) throw unsupported();
  const own = tap ? null : live.tap();
  const sound = tap?.late() ?? own?.stream;
  const stream = new MediaStream([...canvas.captureStream().getTracks(), ...(sound?.getTracks() ?? [])]);
  const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITRATE });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise<void>((resolve) => (recorder.onstop = () => resolve()));
  recorder.start(1000);
  return async () => {
    if (recorder.state !== "inactive") recorder.stop();
    await ended;
    for (const track of stream.getVideoTracks()) track.stop();
    (tap ?? own)?.close();
    return new Blob(parts, { type: recorder.mimeType });
  };
}

/** Return what the browser's own recorder makes; empty: nothing. */
function recorded(): string {
  if (typeof MediaRecorder === "undefined") return "";
  return RECORDED.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

function brokenOff(error: unknown): LivedraftError {
  return new LivedraftError({
    code: "record_failed",
    message: `the film ends early: ${String(error)}`,
    fix: "stop the recording to keep what there is",
  });
}

function unsupported(why = ""): LivedraftError {
  return new LivedraftError({
    code: "record_unsupported",
    message: `this browser cannot record${why && `: ${why}`}`,
    fix: "use a browser with WebCodecs or MediaRecorder, or the command line: livedraft talk, livedraft restyle",
  });
}
