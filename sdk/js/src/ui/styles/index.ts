/** The element's style sheet, adopted rather than written into the page: a strict policy allows that. */
/// <reference path="../../modules.d.ts" />

import base from "./base.css";
import contrast from "./contrast.css";
import controls from "./controls.css";
import feedback from "./feedback.css";
import gallery from "./gallery.css";
import layout from "./layout.css";
import palette from "./palette.css";
import toolbar from "./toolbar.css";

/** By document, since a sheet belongs to one: an element may be moved into another window. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

export function adopt(root: ShadowRoot): void {
  const owner = root.ownerDocument;
  let sheet = sheets.get(owner);
  if (!sheet) {
    sheet = new (owner.defaultView ?? window).CSSStyleSheet();
    sheet.replaceSync(base + layout + toolbar + controls + palette + gallery + feedback + contrast);
    sheets.set(owner, sheet);
  }
  root.adoptedStyleSheets = [sheet];
}
