/** The customer's photo: held in memory at full resolution, sent smaller, and let go of at once. */

import { toBlob } from "../media/encode.ts";
import { within } from "../media/photos.ts";
import type { Size } from "../media/sizes.ts";
import { h } from "../ui/dom.ts";

const LEAST_SIDE = 205; // px of the shorter side: people in a panorama would else be specks
const MOST_SIDE = 2048;

export class Photo {
  /** `bitmap` is the photo's own from here on. */
  constructor(private readonly bitmap: ImageBitmap) {}

  get size(): Size {
    return { width: this.bitmap.width, height: this.bitmap.height };
  }

  get aspect(): number {
    return this.bitmap.width / this.bitmap.height;
  }

  /** Paint it so that it fills the canvas, which has its shape. */
  paint(canvas: HTMLCanvasElement): void {
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.bitmap, 0, 0, canvas.width, canvas.height);
  }

  /**
   * Return it as a JPEG of at most so many px on the longer side, or more of a panorama; nothing else of its file
   * comes along.
   */
  async sized(longest: number): Promise<Uint8Array> {
    const { width, height } = this.size;
    const wanted = (LEAST_SIDE * Math.max(width, height)) / Math.min(width, height);
    const canvas = h("canvas", { ...within(this.size, Math.max(longest, Math.min(MOST_SIDE, Math.round(wanted)))) });
    canvas.getContext("2d")!.fillStyle = "#fff"; // a transparent picture lies on white
    canvas.getContext("2d")!.fillRect(0, 0, canvas.width, canvas.height);
    this.paint(canvas);
    const blob = await toBlob(canvas, "image/jpeg");
    wipe(canvas);
    return new Uint8Array(await blob.arrayBuffer());
  }

  close(): void {
    this.bitmap.close();
  }
}

/** Let go of a canvas's pixels at once; browsers keep them until they collect it. */
export function wipe(canvas: HTMLCanvasElement): void {
  canvas.width = canvas.height = 0;
}
