/** Pictures that come in: dropped, pasted, or chosen. */

import { h, show } from "./dom.ts";
import { toBlob } from "./encode.ts";
import { LivedraftError } from "./errors.ts";
import type { IconName } from "./icons.ts";
import { readRecipe } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import { button } from "./button.ts";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
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
    throw invalid(`no picture at ${address}: ${String(error)}`, "correct the address; another site has to allow it (CORS)");
  });
  if (!answer.ok) throw invalid(`no picture at ${address}: ${answer.status} ${answer.statusText}`, "correct the address");
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
    const canvas = h("canvas", { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
    const context = canvas.getContext("2d")!;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    picture = await toBlob(canvas, picture.type === "image/jpeg" ? picture.type : "image/png");
  }
  bitmap.close();
  return picture;
}

/** Return what kind of picture bytes are, by their first; null for none that a model takes. */
function typeOf(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  return /^RIFF[^]{4}WEBP/.test(head) ? "image/webp" : null;
}

export function invalid(message: string, fix: string): LivedraftError {
  return new LivedraftError({ code: "invalid_image", message, fix });
}

/** Return what went wrong with a picture, as it is told. */
export function unreadable(error: unknown): LivedraftError {
  return error instanceof LivedraftError ? error : invalid("this picture is damaged", "open another one");
}

/** Let pictures be dropped on a pane, and pasted while the host, if any, has the focus. */
export function receive(pane: HTMLElement, host: HTMLElement | null, open: (file: Blob) => void): void {
  const mark = (on: boolean): void => void pane.toggleAttribute("data-drop", on);
  pane.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  pane.addEventListener("dragleave", () => mark(false));
  pane.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) open(file);
  });
  host?.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (!file) return; // text goes where it was pasted
    event.preventDefault();
    open(file);
  });
}

/** Make a button that lets the user choose a picture. */
export function chooser(name: IconName, label: string, open: (file: File) => void): HTMLElement {
  const input = h("input", { type: "file", accept: TYPES.join(","), tabindex: -1, "aria-hidden": "true" });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) open(file);
    input.value = ""; // the same file may be opened again
  });
  show(input, false);
  return h("span", {}, button(name, label, () => input.click()), input);
}

/** Offer a file to save. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser reads it in the meantime
}
