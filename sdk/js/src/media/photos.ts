/** Photographs of users: upright, as large as a page can hold them, and refused before they are decoded. */

import { decode, typeOf } from "./pictures.ts";
import type { Size } from "./sizes.ts";
import { sizeOf } from "./sizes.ts";

export const MOST_MEGABYTES = 64;
export const MOST_MEGAPIXELS = 120; // decoded they take four bytes a pixel, for a moment
const MOST_PIXELS = 4096 * 4096; // kept: phones' browsers have no larger canvas

/** Why a file is no photograph that can be used. */
export type Refusal = "invalid_image" | "too_large" | "damaged";

export interface Opened {
  bitmap: ImageBitmap; // to be closed by who takes it
  shrunk: boolean; // there were more pixels than are kept
}

/** Open a photograph, upright as its EXIF data say; of an animated one, its first picture. */
export async function openPhoto(file: Blob): Promise<Opened | Refusal> {
  if (file.size > MOST_MEGABYTES * 2 ** 20) return "too_large";
  const bytes = new Uint8Array(await file.arrayBuffer());
  const type = typeOf(bytes);
  if (!type) return "invalid_image";
  const stored = sizeOf(bytes);
  if (!stored || stored.width * stored.height === 0) return "damaged";
  if (stored.width * stored.height > MOST_MEGAPIXELS * 1e6) return "too_large";
  try {
    const bitmap = await decode(new Blob([bytes], { type }));
    return await kept(bitmap);
  } catch {
    return "damaged"; // or the browser has no memory for it
  }
}

/** Return the largest size of this shape within so many px of the longer side. */
export function within({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function kept(bitmap: ImageBitmap): Promise<Opened> {
  const { width, height } = bitmap;
  const scale = Math.sqrt(MOST_PIXELS / (width * height));
  if (scale >= 1) return { bitmap, shrunk: false };
  const size = within(bitmap, Math.floor(Math.max(width, height) * scale));
  try {
    const smaller = { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: "high" as const };
    return { bitmap: await createImageBitmap(bitmap, smaller), shrunk: true };
  } finally {
    bitmap.close();
  }
}
