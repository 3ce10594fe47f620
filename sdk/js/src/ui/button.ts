/** The square button with an icon that all tools are. */

import { h } from "./dom.ts";
import type { Icon } from "./icons.ts";
import { icon } from "./icons.ts";

/** Make a square button with an icon; its label is also its tooltip. */
export function button(name: Icon, label: string, press: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: press }, icon(name));
}
