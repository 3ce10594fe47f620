/** The paint box: tools, size, colours. */

import { button } from "../ui/button.ts";
import { h } from "../ui/dom.ts";
import { chooser } from "../ui/files.ts";
import { icon } from "../ui/icons.ts";
import type { Brush } from "./paper.ts";

export interface ToolbarEvents {
  brush(change: Partial<Brush>): void;
  undo(): void;
  redo(): void;
  clear(): void;
  open(file: File): void;
}

const COLOURS: [string, string][] = [
  ["#1a1a1a", "Black"],
  ["#ffffff", "White"],
  ["#8b9098", "Grey"],
  ["#7c4a2d", "Brown"],
  ["#e5484d", "Red"],
  ["#f58a2c", "Orange"],
  ["#f6c744", "Yellow"],
  ["#3f9f56", "Green"],
  ["#3b82f6", "Blue"],
  ["#8057d6", "Violet"],
  ["#ef7aae", "Pink"],
];
const SIZES = { least: 2, most: 80, unit: 0.001 }; // in thousandths of the paper's width

export class Toolbar {
  readonly root: HTMLElement;
  private readonly pen: HTMLButtonElement;
  private readonly eraser: HTMLButtonElement;
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly size: HTMLInputElement;
  private readonly custom: HTMLInputElement;
  private readonly swatches: HTMLButtonElement[];

  constructor(private readonly events: ToolbarEvents) {
    this.pen = button("pen", "Pen (B)", () => events.brush({ tool: "pen" }));
    this.eraser = button("eraser", "Eraser (E)", () => events.brush({ tool: "eraser" }));
    this.undo = button("undo", "Undo (Ctrl+Z)", () => events.undo());
    this.redo = button("redo", "Redo (Ctrl+Shift+Z)", () => events.redo());
    this.clear = button("clear", "Clear the drawing", () => events.clear());
    this.size = this.sizeSlider();
    this.custom = this.customColour();
    this.swatches = COLOURS.map(([colour, name]) => this.swatch(colour, name));
    this.root = h(
      "div",
      { class: "rail", role: "group", "aria-label": "Drawing tools", part: "toolbar" },
      h(
        "div",
        { class: "tools" },
        this.pen,
        this.eraser,
        this.undo,
        this.redo,
        this.clear,
        chooser("open", "Open a picture", events.open),
      ),
      h("label", { class: "size" }, h("span", { class: "dot" }), this.size),
      h(
        "div",
        { class: "swatches", role: "group", "aria-label": "Colours" },
        ...this.swatches,
        h("label", { class: "swatch custom", title: "Another colour" }, icon("picker"), this.custom),
      ),
    );
  }

  show(brush: Brush): void {
    this.pen.setAttribute("aria-pressed", String(brush.tool === "pen"));
    this.eraser.setAttribute("aria-pressed", String(brush.tool === "eraser"));
    this.size.value = String(Math.round(brush.size / SIZES.unit));
    this.root.style.setProperty("--ink", brush.colour);
    this.root.style.setProperty("--dot", `${4 + Math.sqrt(brush.size / SIZES.unit) * 2}px`);
    let known = false;
    this.swatches.forEach((swatch, i) => {
      const chosen = COLOURS[i]?.[0] === brush.colour;
      swatch.setAttribute("aria-pressed", String(chosen));
      known ||= chosen;
    });
    this.custom.parentElement?.toggleAttribute("data-chosen", !known);
    if (/^#[0-9a-f]{6}$/i.test(brush.colour)) this.custom.value = brush.colour;
  }

  enable(can: { undo: boolean; redo: boolean; clear: boolean }): void {
    // Not `disabled`: a button that is disabled while it has the focus would lose it.
    this.undo.setAttribute("aria-disabled", String(!can.undo));
    this.redo.setAttribute("aria-disabled", String(!can.redo));
    this.clear.setAttribute("aria-disabled", String(!can.clear));
  }

  private sizeSlider(): HTMLInputElement {
    const change = (): void => this.events.brush({ size: this.size.valueAsNumber * SIZES.unit });
    return h("input", {
      type: "range",
      min: SIZES.least,
      max: SIZES.most,
      "aria-label": "Brush size",
      title: "Brush size ([ and ])",
      oninput: change,
    });
  }

  private customColour(): HTMLInputElement {
    const change = (): void => this.events.brush({ colour: this.custom.value, tool: "pen" });
    return h("input", { type: "color", "aria-label": "Another colour", oninput: change });
  }

  private swatch(colour: string, name: string): HTMLButtonElement {
    const choose = (): void => this.events.brush({ colour, tool: "pen" });
    return h("button", {
      type: "button",
      class: "swatch",
      style: { "--swatch": colour },
      "aria-label": name,
      title: name,
      onclick: choose,
    });
  }
}
