/** From a file to a portrait that goes up: asked about, read upright, no larger than a face needs, and shown small. */

import { toBlob } from "../../media/encode.ts";
import type { Refusal } from "../../media/photos.ts";
import { openPhoto, within } from "../../media/photos.ts";

export interface PortraitEvents {
  /** Return whether whom it shows agrees. */
  agreed(): Promise<boolean>;
  reading(on: boolean): void;
  taken(picture: Blob, thumbnail: string): void;
  refused(why: Refusal): void;
}

const MOST_PX = 1536; // of the longer side: the head in it is drawn at 512
const THUMBNAIL_PX = 112;

export class Portrait {
  private turn = 0; // so that one that was read late is told apart

  constructor(private readonly events: PortraitEvents) {}

  async open(file: Blob): Promise<void> {
    const turn = ++this.turn;
    if (!(await this.events.agreed()) || turn !== this.turn) return;
    this.events.reading(true);
    const opened = await openPhoto(file);
    if (typeof opened === "string") {
      if (turn === this.turn) this.events.refused(opened);
    } else {
      const { bitmap } = opened;
      const picture = await toBlob(drawn(bitmap, within(bitmap, MOST_PX)), "image/jpeg", 0.92);
      const thumbnail = cropped(bitmap).toDataURL("image/jpeg", 0.8);
      bitmap.close();
      if (turn === this.turn) this.events.taken(picture, thumbnail);
    }
    if (turn === this.turn) this.events.reading(false);
  }

  /** Take no notice of what is being read. */
  forget(): void {
    this.turn += 1;
    this.events.reading(false);
  }
}

/** Return a picture at this size, on white where it lets through what is behind. */
function drawn(bitmap: ImageBitmap, { width, height }: { width: number; height: number }): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/** Return its middle as a small square, from the upper part, where faces are. */
function cropped(bitmap: ImageBitmap): HTMLCanvasElement {
  const side = Math.min(bitmap.width, bitmap.height);
  const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 4];
  const canvas = Object.assign(document.createElement("canvas"), { width: THUMBNAIL_PX, height: THUMBNAIL_PX });
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, x, y, side, side, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
  return canvas;
}
