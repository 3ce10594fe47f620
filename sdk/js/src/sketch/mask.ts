/** The mask over the paper: what of the picture is to be painted anew. */

import { CHANGES, onBlack } from "../media/masks.ts";
import type { Size } from "../media/sizes.ts";
import { h } from "../ui/dom.ts";
import type { Operation, Stroke } from "./drawing.ts";
import { paintFrom, paintMask } from "./paint.ts";

const TILE = 12; // px, of the stripes
const DARK = "#3d0a1c"; // between them: one of the two stands out of any picture

export class MaskLayer {
  /** Lies over the paper, in its resolution. */
  readonly canvas = h("canvas", { class: "mask", "aria-hidden": "true", hidden: true });
  private readonly context = this.canvas.getContext("2d")!;
  private readonly base = h("canvas"); // operations too old to undo
  private readonly read = h("canvas"); // as the model reads it
  private readonly ink: CanvasPattern;

  constructor() {
    const tile = h("canvas", { width: TILE, height: TILE });
    const context = tile.getContext("2d")!;
    context.fillStyle = CHANGES;
    context.fillRect(0, 0, TILE, TILE);
    context.strokeStyle = DARK;
    context.lineWidth = TILE / 4;
    for (const x of [-TILE, 0, TILE]) {
      context.moveTo(x - TILE / 2, TILE * 1.5);
      context.lineTo(x + TILE * 1.5, -TILE / 2);
    }
    context.stroke();
    this.ink = this.context.createPattern(tile, "repeat")!;
  }

  /** Whether the model has a use for it. */
  get shown(): boolean {
    return !this.canvas.hidden;
  }

  set shown(shown: boolean) {
    this.canvas.hidden = !shown;
  }

  /** What older operations left. */
  get baked(): HTMLCanvasElement {
    return this.base;
  }

  /** Paint anew at a resolution, px. */
  resize(width: number, height: number, operations: readonly Operation[], stroke: Stroke | null): void {
    const before = h("canvas", { width: this.base.width, height: this.base.height });
    if (before.width && before.height) before.getContext("2d")!.drawImage(this.base, 0, 0);
    for (const canvas of [this.canvas, this.base]) Object.assign(canvas, { width, height });
    this.layBase(before);
    this.repaint(operations, stroke);
  }

  repaint(operations: readonly Operation[], stroke: Stroke | null): void {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.base, 0, 0);
    for (const operation of [...operations, ...(stroke ? [stroke] : [])])
      paintMask(context, operation, canvas.width, this.ink);
  }

  /** Paint a stroke's points from the index `first` on. */
  extend(stroke: Stroke, first: number): void {
    paintFrom(this.context, stroke, first, this.canvas.width, this.ink);
  }

  /** Take an operation into the base, that is too old to undo. */
  bake(operation: Operation): void {
    paintMask(this.base.getContext("2d")!, operation, this.base.width, this.ink);
  }

  /** Take what older operations had left; null: nothing. */
  layBase(base: CanvasImageSource | null): void {
    const context = this.base.getContext("2d")!;
    context.clearRect(0, 0, this.base.width, this.base.height);
    if (base) context.drawImage(base, 0, 0, this.base.width, this.base.height);
  }

  /** Return it as a model reads it, white on black, in this size; the next call paints on the same canvas. */
  sized(size: Size): HTMLCanvasElement {
    return onBlack(this.canvas, size, this.read);
  }
}
