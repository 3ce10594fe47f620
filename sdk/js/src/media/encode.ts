/** Encodes pictures for the wire: PNG where transparency counts, else JPEG. */

import { LivedraftError } from "../errors.ts";
import { canWritePng, MOST_PIXELS, writePng } from "./png.ts";

/** What `LiveSession.send` takes; encoded pictures go as they are, `null` removes the input. */
export type Source = CanvasImageSource | Blob | Uint8Array | null;

export interface Target {
  width: number; // px
  height: number; // px
  alpha: boolean; // lossless with transparency
}

export interface Encoder {
  encode(source: Source, target: Target): Promise<Uint8Array>;
}

/**
 * Encodes on the page's thread, where browsers compress a canvas in their idle time. The way to a
 * worker costs more than that (256² px: 3.0 against 2.6 ms; 1024²: 23 against 11), and many pages'
 * policies forbid one.
 */
export class CanvasEncoder implements Encoder {
  private readonly scratch = document.createElement("canvas");

  async encode(source: Source, target: Target): Promise<Uint8Array> {
    if (source === null) return new Uint8Array();
    if (source instanceof Uint8Array) return source;
    if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
    const { width, height, alpha } = target;
    if (alpha && canWritePng && width * height <= MOST_PIXELS) {
      return writePng(context2d(this.fitted(source, target)).getImageData(0, 0, width, height));
    }
    const blob = await toBlob(this.fitted(source, target), alpha ? "image/png" : "image/jpeg");
    return new Uint8Array(await blob.arrayBuffer());
  }

  /** Return a canvas with the picture at the target's size, on white where transparency is lost. */
  private fitted(source: CanvasImageSource, { width, height, alpha }: Target): HTMLCanvasElement {
    const fits = source instanceof HTMLCanvasElement && source.width === width && source.height === height;
    if (fits && alpha && isRead(source)) return source;
    const { scratch } = this;
    if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
    const context = context2d(scratch);
    if (alpha) context.clearRect(0, 0, width, height);
    else {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, height);
    }
    context.imageSmoothingQuality = "medium";
    context.drawImage(source, 0, 0, width, height);
    return scratch;
  }
}

/** Whether a canvas is one to read from: not on the GPU, as a page's own, and not WebGL's. */
function isRead(canvas: HTMLCanvasElement): boolean {
  return canvas.getContext("2d")?.getContextAttributes().willReadFrequently === true;
}

function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw failed("no 2d context");
  return context;
}

/** Return a canvas as an encoded picture. */
export function toBlob(canvas: HTMLCanvasElement, type = "image/png", quality = 0.8): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(failed("empty canvas"))), type, quality);
  });
}

function failed(reason: string): LivedraftError {
  return new LivedraftError({
    code: "encode",
    message: `the drawing could not be encoded: ${reason}`,
    retryable: true,
  });
}
