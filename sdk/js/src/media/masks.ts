/** Masks: what of a picture is to change, painted over it, and as models read it. */

import type { Size } from "./sizes.ts";

/** The colour of what changes. */
export const CHANGES = "#ff3d71";

/** Return what is painted as a model reads a mask: white on black, without transparency; on a canvas of its own or a given one. */
export function onBlack(
  mask: HTMLCanvasElement,
  { width, height }: Size,
  canvas: HTMLCanvasElement = document.createElement("canvas"),
): HTMLCanvasElement {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  context.drawImage(mask, 0, 0, width, height);
  for (const [operation, colour] of [
    ["source-in", "#fff"],
    ["destination-over", "#000"],
  ] as const) {
    context.globalCompositeOperation = operation;
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
  }
  return canvas;
}

/** Return a mask as a model reads it as what is painted over a picture: opaque where it is white. */
export async function painted(mask: ImageBitmap): Promise<ImageBitmap> {
  const canvas = Object.assign(document.createElement("canvas"), { width: mask.width, height: mask.height });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(mask, 0, 0);
  const pixels = context.getImageData(0, 0, mask.width, mask.height);
  const { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    const grey = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
    data[i + 3] = (grey * data[i + 3]!) / 255;
  }
  context.putImageData(pixels, 0, 0);
  return createImageBitmap(canvas);
}
