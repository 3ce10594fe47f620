/** Picture files that come in and go out: dropped, pasted, chosen, saved. */

import { TYPES } from "../media/pictures.ts";
import { button } from "./button.ts";
import { h, show } from "./dom.ts";
import type { Icon } from "./icons.ts";

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

/** Make a button that lets the user choose a file, a picture if no other types are named. */
export function chooser(name: Icon, label: string, open: (file: File) => void, types = TYPES): HTMLElement {
  const choose = button(name, label, () => undefined);
  return h("span", {}, choose, choosing(choose, open, { accept: types.join(",") }));
}

/** Have a button let the user choose a file; return the field that does it, to stand beside it. */
export function choosing(
  choose: HTMLButtonElement,
  open: (file: File) => void,
  { accept = TYPES.join(","), ...more }: { accept?: string; capture?: "user" | "environment" } = {},
): HTMLInputElement {
  const input = h("input", { type: "file", accept, ...more, tabindex: -1, "aria-hidden": "true" });
  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) open(file);
    input.value = ""; // the same file may be opened again
  });
  show(input, false);
  return input;
}

/** Offer a file to save. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the browser reads it in the meantime
}
