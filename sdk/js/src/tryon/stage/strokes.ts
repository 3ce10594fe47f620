/** A mask by hand: strokes that add and take away, over the mask that the model found; each can be taken back. */

import { CHANGES } from "../../media/masks.ts";
import type { Place } from "../measured.ts";

export interface Stroke {
  erases: boolean;
  size: number; // diameter, in widths of the picture
  places: Place[]; // 0..1 of the picture's sides
}

export class Strokes {
  private done: Stroke[] = [];

  get empty(): boolean {
    return this.done.length === 0;
  }

  begin(stroke: Stroke): void {
    this.done.push(stroke);
  }

  /** Go on with the newest. */
  extend(place: Place): void {
    this.done.at(-1)?.places.push(place);
  }

  undo(): void {
    this.done.pop();
  }

  clear(): void {
    this.done = [];
  }

  /** Paint them on what is there, or take it away where they erase. */
  paint(canvas: HTMLCanvasElement): void {
    const context = canvas.getContext("2d")!;
    const { width, height } = canvas;
    context.save();
    Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: CHANGES });
    for (const { erases, size, places } of this.done) {
      context.globalCompositeOperation = erases ? "destination-out" : "source-over";
      context.lineWidth = size * width;
      context.beginPath();
      const [[x, y] = [0, 0]] = places;
      context.moveTo(x * width, y * height);
      context.lineTo(x * width, y * height + 0.01); // one place alone is a dot
      for (const [left, top] of places.slice(1)) context.lineTo(left * width, top * height);
      context.stroke();
    }
    context.restore();
  }
}
