/** Keeps sound that is scheduled until it is heard, and what of it was. */

export interface HeardSound {
  channels: Float32Array<ArrayBuffer>[];
  rate: number;
  pts: number; // µs
}

export class Heard {
  private waiting: HeardSound[] = [];

  /** Sound will be heard at its time. */
  add(sound: HeardSound): void {
    this.waiting.push(sound);
  }

  /** Take the pieces that were heard to their end by a time, µs. */
  until(time: number): HeardSound[] {
    const over = (each: HeardSound): boolean => each.pts + durationOf(each) <= time;
    const heard = this.waiting.filter(over);
    if (heard.length) this.waiting = this.waiting.filter((each) => !over(each));
    return heard;
  }

  /** Take what was heard by a time, to the sample; of what was to come nothing is heard. */
  cut(time: number): HeardSound[] {
    const heard = [...this.until(time), ...this.waiting.flatMap((each) => headOf(each, time))];
    this.waiting = [];
    return heard;
  }
}

function durationOf({ channels, rate }: HeardSound): number {
  return ((channels[0]?.length ?? 0) / rate) * 1e6;
}

/** Return the beginning of a piece up to a time, if it began before. */
function headOf({ channels, rate, pts }: HeardSound, time: number): HeardSound[] {
  const count = Math.floor(((time - pts) * rate) / 1e6);
  return count > 0 ? [{ channels: channels.map((each) => each.slice(0, count)), rate, pts }] : [];
}
