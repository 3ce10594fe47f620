/** Plays what comes down: sound leads, pictures are shown at their time on the same clock. */

import type { Speaker } from "./speaker.ts";

/** A decoded picture that waits for its time. */
export interface Due<Picture> {
  picture: Picture;
  pts: number; // µs
  duration: number; // µs
}

export interface Screen<Picture> {
  show(due: Due<Picture>): void;
  /** It is not shown: a newer one is due, too. */
  drop(due: Due<Picture>): void;
}

/** From being painted to the screen: the frame of a usual display that is shown meanwhile. */
export const SEEN_US = 16_000;
const EARLY_US = SEEN_US + 8_000; // and half a frame: nearer to its time now than at the next
const MOST = 32; // pictures that wait; more are a clock that stands still
const FAR_US = 2_000_000; // ahead of the sound: of another clock, or after a break

export class Playback<Picture> {
  shown = 0;
  /** Pictures that came too late for their time. */
  late = 0;
  private waiting: Due<Picture>[] = [];
  private hurried = false; // after a flush: silence follows, which pictures need not wait for
  private first = 0; // µs, of the first picture since

  constructor(
    private readonly clock: () => Pick<Speaker, "time" | "silent"> | null,
    private readonly screen: Screen<Picture>,
  ) {}

  /** Whether any picture waits for its time. */
  get waits(): boolean {
    return this.waiting.length > 0;
  }

  /** Take a decoded picture. */
  add(due: Due<Picture>): void {
    if (this.hurried && this.first < 0) this.first = due.pts;
    this.waiting.push(due);
    if (this.waiting.length > MOST) this.leaveOut(this.waiting.shift()!);
  }

  /** Show what is due by now; to be called before each paint. */
  tick(): void {
    const sound = this.clock();
    const heard = sound && !sound.silent ? sound.time : null;
    this.hurried &&= heard === null || heard < this.first;
    const time = this.hurried ? null : heard;
    const due = (each: Due<Picture>): boolean =>
      time === null || each.pts <= time + EARLY_US || each.pts > time + FAR_US;
    const ready = this.waiting.filter(due);
    if (!ready.length) return;
    this.waiting = this.waiting.filter((each) => !due(each));
    const newest = ready.pop()!;
    ready.forEach((each) => this.leaveOut(each));
    this.shown += 1;
    this.screen.show(newest);
  }

  /** Forget what waits; what comes next is shown at once, until its sound is heard. */
  flush(): void {
    this.hurried = true;
    this.first = -1;
    for (const each of this.waiting.splice(0)) this.screen.drop(each);
  }

  private leaveOut(due: Due<Picture>): void {
    this.late += 1;
    this.screen.drop(due);
  }
}
