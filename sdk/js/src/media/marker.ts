/**
 * The time of its capture, as black and white squares in a frame's corner: what comes back tells how long it took.
 *
 * 20 bits of ms and 6 that check them, in two rows, each square as wide as a 32nd of the frame: a codec at a low rate
 * keeps them. A model that paints over them, or moves them, is no mirror: what does not check is no measure.
 */

import type { Mark, Pen } from "./capture.ts";

const BITS = 20;
const CHECKS = 6;
const A_ROW = 13;
const ACROSS = 32; // squares that would fill the width
const ROUND = 2 ** BITS; // ms, after which it begins again
const MOST_MS = 10_000; // older is no measure
const KEPT = 300;

/** What the marks of the newest frames say, ms from a frame's capture to its being shown. */
export interface Glass {
  p50: number;
  p95: number;
  count: number;
}

/** Put a moment (ms) into a frame. */
export const mark: Mark = (pen, at) => {
  const side = sideOf(pen.canvas.width);
  const code = withCheck(Math.round(at) % ROUND);
  for (let bit = 0; bit < BITS + CHECKS; bit++) {
    pen.fillStyle = (code / 2 ** bit) & 1 ? "#fff" : "#000";
    pen.fillRect((bit % A_ROW) * side, Math.floor(bit / A_ROW) * side, side, side);
  }
};

/** Return the moment in a frame, ms; null where none can be read. */
export function read(pen: Pen, width: number): number | null {
  const side = sideOf(width);
  const { data } = pen.getImageData(0, 0, A_ROW * side, 2 * side);
  let code = 0;
  for (let bit = 0; bit < BITS + CHECKS; bit++) {
    const x = Math.floor(((bit % A_ROW) + 0.5) * side);
    const y = Math.floor((Math.floor(bit / A_ROW) + 0.5) * side);
    if ((data[4 * (y * A_ROW * side + x) + 1] ?? 0) > 127) code += 2 ** bit;
  }
  const at = code % ROUND;
  return withCheck(at) === code ? at : null;
}

/** Collects what frames say. */
export class GlassMeter {
  private times: number[] = [];
  private readonly pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  /** Look at a picture that is shown at `now` (ms). */
  look(picture: CanvasImageSource, width: number, now: number): void {
    const { pen } = this;
    if (!pen || width < ACROSS) return;
    const side = sideOf(width);
    Object.assign(pen.canvas, { width: A_ROW * side, height: 2 * side });
    pen.drawImage(picture, 0, 0);
    const at = read(pen, width);
    const ms = at === null ? Infinity : (((now - at) % ROUND) + ROUND) % ROUND;
    if (ms > MOST_MS) return;
    this.times.push(ms);
    if (this.times.length > KEPT) this.times.shift();
  }

  get glass(): Glass | null {
    const sorted = [...this.times].sort((a, b) => a - b);
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    return sorted.length ? { p50: at(0.5), p95: at(0.95), count: sorted.length } : null;
  }
}

function sideOf(width: number): number {
  return Math.max(1, Math.floor(width / ACROSS));
}

/** Return a number with bits before it that check it. */
function withCheck(at: number): number {
  let sum = 0b101101; // so that black alone is none
  for (let rest = at; rest > 0; rest = Math.floor(rest / 2 ** CHECKS))
    sum = (sum * 5 + (rest % 2 ** CHECKS) + 1) % 2 ** CHECKS;
  return sum * ROUND + at;
}
