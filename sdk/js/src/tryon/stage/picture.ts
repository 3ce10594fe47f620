/** The photo as it was and as it is worn, in the size of the screen; and both together at the photo's own. */

import { CHANGES } from "../../media/masks.ts";
import { h } from "../../ui/dom.ts";
import type { Photo } from "../photo.ts";
import { wipe } from "../photo.ts";

const SHOWN = 0.6; // of the colour of what changes, so that the photo is seen through it

export class Picture {
  /** The photo alone. */
  readonly before = h("canvas", { class: "original", role: "img" });
  /** With what is worn, or with what changes. */
  readonly after = h("canvas", { class: "worn", role: "img" });
  /** The newest layer, as it came; without one it has no pixels. */
  private readonly layer = h("canvas", { width: 0, height: 0 });
  private photo: Photo | null = null;
  private masked = false;
  private readonly size: ResizeObserver;

  constructor() {
    this.size = new ResizeObserver(() => this.fit());
    this.size.observe(this.before);
  }

  get worn(): boolean {
    return this.layer.width > 0;
  }

  /** Show a photo, with nothing on. */
  show(photo: Photo): void {
    this.photo = photo;
    wipe(this.layer);
    this.fit(true);
  }

  /** Put a layer over the photo: its alpha says what changes. */
  wear(layer: ImageBitmap): void {
    Object.assign(this.layer, { width: layer.width, height: layer.height });
    this.layer.getContext("2d")!.drawImage(layer, 0, 0);
    this.dress();
  }

  /** Take off what is worn. */
  undress(): void {
    wipe(this.layer);
    this.dress();
  }

  /** Show what changes instead of what is worn, or no longer. */
  mask(masked: boolean): void {
    this.masked = masked;
    this.dress();
  }

  /** Paint where the layer changes something, and nothing elsewhere. */
  paintMask(canvas: HTMLCanvasElement): void {
    if (this.worn) over(canvas, shapeOf(this.layer));
  }

  /** Return the picture at the photo's full size. */
  compose(): HTMLCanvasElement | null {
    if (!this.photo) return null;
    const canvas = h("canvas", { ...this.photo.size });
    this.photo.paint(canvas);
    if (this.worn) over(canvas, this.layer);
    return canvas;
  }

  clear(): void {
    this.photo = null;
    this.masked = false;
    for (const canvas of [this.before, this.after, this.layer]) wipe(canvas);
  }

  /** Have as many pixels as the screen shows, and no more than the photo has. */
  private fit(anew = false): void {
    if (!this.photo) return;
    const { width, height } = this.photo.size;
    const shown = Math.max(1, Math.round(this.before.clientWidth * devicePixelRatio));
    const size = {
      width: Math.min(width, shown),
      height: Math.max(1, Math.round((Math.min(width, shown) * height) / width)),
    };
    if (!anew && size.width === this.before.width) return;
    Object.assign(this.before, size);
    Object.assign(this.after, size);
    this.photo.paint(this.before);
    this.dress();
  }

  private dress(): void {
    const { before, after, layer } = this;
    if (!before.width) return;
    after.getContext("2d")!.drawImage(before, 0, 0);
    if (!this.worn) return;
    if (this.masked) over(after, shapeOf(layer), SHOWN);
    else over(after, layer);
  }
}

function over(canvas: HTMLCanvasElement, layer: HTMLCanvasElement, alpha = 1): void {
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.globalAlpha = alpha;
  context.drawImage(layer, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
}

/** Return the layer's shape in one colour. */
function shapeOf(layer: HTMLCanvasElement): HTMLCanvasElement {
  const shape = h("canvas", { width: layer.width, height: layer.height });
  const context = shape.getContext("2d")!;
  context.drawImage(layer, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = CHANGES;
  context.fillRect(0, 0, shape.width, shape.height);
  return shape;
}
