/** Draws strokes onto the paper at a hand's pace, so that the picture follows. */

import type { Stroke } from "./drawing.ts";
import type { Paper } from "./paper.ts";

const SPEED = 3.2; // paper widths a second
const LONGEST_MS = 2200; // of a whole drawing

export class Player {
  private strokes: Stroke[] = [];
  private drawn = 0; // points of the first stroke that are on the paper
  private pace = 0; // points a ms
  private before = 0; // ms, of the last frame

  constructor(private readonly paper: Paper) {}

  get playing(): boolean {
    return this.strokes.length > 0;
  }

  /** Draw these strokes; at once where the user wants no motion, or nobody looks. */
  play(strokes: readonly Stroke[]): void {
    this.finish();
    this.strokes = strokes.map((each) => ({ ...each }));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) return this.finish();
    const points = strokes.reduce((sum, each) => sum + each.points.length / 3, 0);
    const widths = strokes.reduce((sum, each) => sum + length(each), 0);
    this.pace = points / Math.min(LONGEST_MS, (widths / SPEED) * 1000);
    this.before = performance.now();
    requestAnimationFrame((now) => this.step(now));
  }

  /** Draw what is left, now. */
  finish(): void {
    while (this.playing) this.draw(Infinity);
  }

  private step(now: number): void {
    if (!this.playing) return;
    let points = Math.max(1, Math.round((now - this.before) * this.pace));
    this.before = Math.max(now, this.before);
    while (points > 0 && this.playing) points -= this.draw(points);
    requestAnimationFrame((next) => this.step(next));
  }

  /** Draw up to so many points of the stroke in turn; return how many it were. */
  private draw(most: number): number {
    const [stroke] = this.strokes;
    if (!stroke) return 0;
    const end = Math.min(stroke.points.length / 3, this.drawn + most);
    const points = stroke.points.slice(this.drawn * 3, end * 3);
    const count = end - this.drawn;
    this.drawn = end;
    const last = end * 3 >= stroke.points.length;
    if (last) {
      this.strokes.shift();
      this.drawn = 0;
    }
    this.paper.grow(stroke, points);
    if (last) this.paper.finish();
    return count;
  }
}

/** Return a stroke's length in paper widths. */
function length({ points }: Stroke): number {
  let sum = 0;
  for (let i = 3; i < points.length; i += 3) {
    sum += Math.hypot(points[i]! - points[i - 3]!, points[i + 1]! - points[i - 2]!);
  }
  return sum;
}
