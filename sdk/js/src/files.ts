/** Pictures that come in: dropped, pasted, or chosen. */

import { h, show } from "./dom.ts";
import { LivedraftError } from "./errors.ts";
import type { IconName } from "./icons.ts";
import { readRecipe } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import { button } from "./button.ts";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const MOST_BYTES = 32 * 2 ** 20;

export interface Opened {
  blob: Blob;
  recipe: Recipe | null;
}

/** Read a file and the recipe in it; throw `invalid_image` for anything but a picture. */
export async function readPicture(file: Blob): Promise<Opened> {
  if (!TYPES.includes(file.type)) throw invalid("this is not a picture", "open a PNG, JPEG or WebP");
  if (file.size > MOST_BYTES) throw invalid("this picture is too large", "open one of at most 32 MB");
  const recipe = readRecipe(new Uint8Array(await file.arrayBuffer()));
  return { blob: file, recipe };
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
    const file = [...(event.clipboardData?.files ?? [])].find((each) => TYPES.includes(each.type));
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
