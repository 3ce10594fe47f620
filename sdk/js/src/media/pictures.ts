/** Picture files as users have them: read by their bytes, upright, and no larger than a paper shows. */

import { LivedraftError } from "../errors.ts";
import { toBlob } from "./encode.ts";
import type { Recipe } from "./recipe.ts";
import { readRecipe } from "./recipe.ts";

export const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST_BYTES = 32 * 2 ** 20;
const MOST_PX = 2048; // of the longer side: a paper shows no more, and a photo fills the browser's storage

export interface Opened {
  blob: Blob;
  recipe: Recipe | null;
}

/** Read a file and the recipe in it; throw `invalid_image` for anything but a picture, by its bytes. */
export async function readPicture(file: Blob): Promise<Opened> {
  if (file.size > MOST_BYTES) throw invalid("this picture is too large", "open one of at most 32 MB");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const type = typeOf(bytes);
  if (!type) throw invalid("this is not a picture", "open a PNG, JPEG or WebP");
  return { blob: await shrunk(new Blob([bytes], { type })), recipe: readRecipe(bytes) };
}

/** Return what is at an address; throw `invalid_image` where nothing is to be had. */
export async function fetched(address: string): Promise<Blob> {
  const answer = await fetch(address).catch((error: unknown) => {
    throw invalid(
      `no picture at ${address}: ${String(error)}`,
      "correct the address; another site has to allow it (CORS)",
    );
  });
  if (!answer.ok)
    throw invalid(`no picture at ${address}: ${answer.status} ${answer.statusText}`, "correct the address");
  return answer.blob();
}

/** Decode a picture, upright as its EXIF data say. */
export function decode(picture: Blob): Promise<ImageBitmap> {
  return createImageBitmap(picture, { imageOrientation: "from-image" });
}

/** Return a picture as it is, or smaller; throw where the browser cannot read it. */
async function shrunk(picture: Blob): Promise<Blob> {
  const bitmap = await decode(picture);
  const scale = MOST_PX / Math.max(bitmap.width, bitmap.height);
  if (scale < 1) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height].map((side) =>
      Math.max(1, Math.round(side * scale)),
    ) as [number, number];
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    picture = await toBlob(canvas, picture.type === "image/jpeg" ? picture.type : "image/png");
  }
  bitmap.close();
  return picture;
}

/** Return what kind of picture bytes are, by their first; null for none that a model takes. */
export function typeOf(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  return /^RIFF[\s\S]{4}WEBP/.test(head) ? "image/webp" : null;
}

export function invalid(message: string, fix: string): LivedraftError {
  return new LivedraftError({ code: "invalid_image", message, fix });
}

/** Return what went wrong with a picture, as it is told. */
export function unreadable(error: unknown): LivedraftError {
  return error instanceof LivedraftError ? error : invalid("this picture is damaged", "open another one");
}
