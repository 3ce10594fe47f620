/** The paint box: tools, size, colours. */

import { CHANGES } from "../media/masks.ts";
import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import { chooser } from "../ui/files.ts";
import { icon } from "../ui/icons.ts";
import type { Turn } from "./drawing.ts";
import { masks } from "./drawing.ts";
import { CLEAR_MASK, INVERT, MASK, TAKE, UNMASK } from "./icons.ts";
import type { Brush } from "./paper.ts";

export interface ToolbarEvents {
  brush(change: Partial<Brush>): void;
  undo(): void;
  redo(): void;
  clear(): void;
  open(file: File): void;
  turn(kind: Turn["kind"]): void; // the mask
  take(): void; // the result, to go on with it
}

/** What can be done as things stand. */
export interface Can {
  undo: boolean;
  redo: boolean;
  clear: boolean;
  unmask?: boolean;
  take?: boolean;
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
const SIZES = { least: 2, most: 80, mostOfMask: 200, unit: 0.001 }; // in thousandths of the paper's width
const DOT = { least: 4, most: 22 }; // px

export class Toolbar {
  readonly root: HTMLElement;
  private readonly pen: HTMLButtonElement;
  private readonly eraser: HTMLButtonElement;
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly clear: HTMLButtonElement;
  private readonly mask: HTMLButtonElement;
  private readonly unmask: HTMLButtonElement;
  private readonly clearMask: HTMLButtonElement;
  private readonly take: HTMLButtonElement;
  private readonly masking: HTMLElement;
  private readonly size: HTMLInputElement;
  private readonly custom: HTMLInputElement;
  private readonly swatches: HTMLButtonElement[];

  constructor(private readonly events: ToolbarEvents) {
    this.pen = button("pen", "Pen (B)", () => events.brush({ tool: "pen" }));
    this.eraser = button("eraser", "Eraser (E)", () => events.brush({ tool: "eraser" }));
    this.undo = button("undo", "Undo (Ctrl+Z)", () => events.undo());
    this.redo = button("redo", "Redo (Ctrl+Shift+Z)", () => events.redo());
    this.clear = button("clear", "Clear the drawing", () => events.clear());
    this.mask = button(MASK, "Mask what is to change (M)", () => events.brush({ tool: "mask" }));
    this.unmask = button(UNMASK, "Take away of the mask (N)", () => events.brush({ tool: "unmask" }));
    this.clearMask = button(CLEAR_MASK, "Clear the mask", () => events.turn("unmask"));
    this.take = button(TAKE, "Go on with the result", () => events.take());
    this.masking = h(
      "div",
      { class: "masking", role: "group", "aria-label": "Mask", hidden: true },
      h("span", { class: "name", "aria-hidden": "true" }, "Mask"),
      this.mask,
      this.unmask,
      button(INVERT, "Turn the mask round (I)", () => events.turn("invert")),
      this.clearMask,
      this.take,
    );
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
      this.masking,
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
    this.mask.setAttribute("aria-pressed", String(brush.tool === "mask"));
    this.unmask.setAttribute("aria-pressed", String(brush.tool === "unmask"));
    const ofMask = masks(brush.tool);
    this.size.max = String(ofMask ? SIZES.mostOfMask : SIZES.most);
    this.size.value = String(Math.round(brush.size / SIZES.unit));
    this.root.style.setProperty("--ink", ofMask ? CHANGES : brush.colour);
    const dot = Math.min(DOT.most, DOT.least + Math.sqrt(brush.size / SIZES.unit) * 2);
    this.root.style.setProperty("--dot", `${dot}px`);
    let known = false;
    this.swatches.forEach((swatch, i) => {
      const chosen = COLOURS[i]?.[0] === brush.colour && !ofMask;
      swatch.setAttribute("aria-pressed", String(chosen));
      known ||= chosen;
    });
    this.custom.parentElement?.toggleAttribute("data-chosen", !known && !ofMask);
    if (/^#[0-9a-f]{6}$/i.test(brush.colour)) this.custom.value = brush.colour;
  }

  /** Offer the mask's tools, or take them away. */
  offerMask(offered: boolean): void {
    show(this.masking, offered);
  }

  enable(can: Can): void {
    // Not `disabled`: a button that is disabled while it has the focus would lose it.
    this.undo.setAttribute("aria-disabled", String(!can.undo));
    this.redo.setAttribute("aria-disabled", String(!can.redo));
    this.clear.setAttribute("aria-disabled", String(!can.clear));
    this.clearMask.setAttribute("aria-disabled", String(!can.unmask));
    this.take.setAttribute("aria-disabled", String(!can.take));
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
