/** An element's style sheet, adopted rather than written into the page: a strict policy allows that. */
/// <reference path="../../modules.d.ts" />

import base from "./base.css";
import buttons from "./buttons.css";
import compare from "./compare.css";
import contrast from "./contrast.css";
import controls from "./controls.css";
import feedback from "./feedback.css";
import layout from "./layout.css";
import models from "./models.css";
import palette from "./palette.css";
import question from "./question.css";

/** What all elements share. */
const SHARED = base + layout + buttons + controls + models + palette + feedback + question + compare;

/** By document, since a sheet belongs to one: an element may be moved into another window. */
const sheets = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/** Style a shadow tree by the shared rules and the element's own. */
export function adopt(root: ShadowRoot, own: string): void {
  const owner = root.ownerDocument;
  const known = sheets.get(owner) ?? new Map<string, CSSStyleSheet>();
  sheets.set(owner, known);
  let sheet = known.get(own);
  if (!sheet) {
    sheet = new (owner.defaultView ?? window).CSSStyleSheet();
    sheet.replaceSync(SHARED + own + contrast);
    known.set(own, sheet);
  }
  root.adoptedStyleSheets = [sheet];
}
