/** Records what is seen and heard into a film, which is named and marked. */

import { LivedraftError } from "../errors.ts";
import { marked, RECORDED } from "../media/films.ts";
import type { Recipe } from "../media/recipe.ts";

/** Sound in time with the pictures, as long as it is wanted. */
export interface Tap {
  stream: MediaStream;
  close(): void;
}

const BITRATE = 3_000_000; // bit/s: a face of 512² px at its best

/** Return what this browser records; empty: nothing. */
export function recordable(): string {
  if (typeof MediaRecorder === "undefined") return "";
  return RECORDED.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

export class Recording {
  private readonly recorder: MediaRecorder;
  private readonly parts: Blob[] = [];
  private readonly ended: Promise<void>;

  /** Begin; throws `record_unsupported`. */
  constructor(
    canvas: HTMLCanvasElement,
    private readonly tap: Tap | null,
  ) {
    const mimeType = recordable();
    if (!mimeType) throw unsupported();
    const stream = new MediaStream([...canvas.captureStream().getTracks(), ...(tap?.stream.getTracks() ?? [])]);
    this.recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITRATE });
    this.recorder.ondataavailable = ({ data }) => this.parts.push(data);
    this.ended = new Promise((resolve) => (this.recorder.onstop = () => resolve()));
    this.recorder.start(1000);
  }

  /** End; return the film. */
  async stop(recipe: Recipe, at: Date): Promise<File> {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    await this.ended;
    for (const track of this.recorder.stream.getVideoTracks()) track.stop();
    this.tap?.close();
    const type = this.recorder.mimeType.replace(/;.*/, "");
    const film = marked(new Blob(this.parts, { type }), recipe);
    return new File([film], nameOf(at, type), { type });
  }
}

/** Return a name by the local time: talking-head-2026-11-27-0905.mp4 */
export function nameOf(at: Date, type: string): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `talking-head-${day}-${two(at.getHours())}${two(at.getMinutes())}.${type.split("/")[1]}`;
}

function unsupported(): LivedraftError {
  return new LivedraftError({
    code: "record_unsupported",
    message: "this browser cannot record",
    fix: "use a browser with MediaRecorder, or `livedraft talk`",
  });
}
