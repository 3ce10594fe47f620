/** A film with sound from beside the session: both by when they were captured, on the page's clock. */

import type { Film, Recorder } from "./film.ts";
import type { HeardSound } from "./heard.ts";

const KEPT_US = 2_000_000; // of sound, until what was seen with it comes back

export class Dubbed implements Recorder {
  private begun = false;
  private waiting: HeardSound[] = [];

  constructor(
    private readonly film: Pick<Film, "picture" | "sound">,
    private readonly now: () => number, // ms, of the page's clock
  ) {}

  begin(): void {
    // another model's clock: the page's goes on
  }

  picture(picture: ImageBitmap | VideoFrame, _: number, capturedAt: number | null): void {
    const at = capturedAt ?? this.now();
    this.film.picture(picture, at * 1000);
    if (this.begun) return;
    this.begun = true;
    for (const each of this.waiting) this.film.sound(each);
    this.waiting = [];
  }

  sound(): void {
    // the session's own is not in it
  }

  /** Sound was captured at its time, µs of the page's clock. */
  hear(sound: HeardSound): void {
    if (this.begun) return this.film.sound(sound);
    this.waiting = [...this.waiting.filter((each) => each.pts > sound.pts - KEPT_US), sound];
  }
}
