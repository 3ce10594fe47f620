/** The keyboard: shortcuts everywhere in the element, tools and drawing on the paper. */

import type { Turn } from "./drawing.ts";
import { masks } from "./drawing.ts";
import type { Brush, Paper } from "./paper.ts";

export interface KeyEvents {
  undo(): void;
  redo(): void;
  refine(): void;
  brush(change: Partial<Brush>): void;
  turn(kind: Turn["kind"]): void; // the mask
}

const STEP = 0.02; // of the paper's width
const FINE = 0.004;
const MASK = ["m", "n", "i"]; // keys that do nothing where there is no mask
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Keys {
  private x = 0.5;
  private y = 0.5;
  private down = false;

  constructor(
    private readonly paper: Paper,
    private readonly cursor: HTMLElement,
    private readonly events: KeyEvents,
  ) {
    paper.canvas.addEventListener("keydown", (event) => this.onPaper(event));
    paper.canvas.addEventListener("blur", () => this.lift());
    paper.canvas.addEventListener("pointerdown", () => this.lift());
  }

  /** Shortcuts with Ctrl or Cmd; text fields keep their own undo, and the page's keep all. */
  shortcut(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing || event.defaultPrevented) return;
    const key = sign(event);
    const [target] = event.composedPath();
    const typing = target instanceof Element && isTyped(target);
    if (typing && !this.paper.canvas.getRootNode().contains(target)) return;
    if (key === "enter") this.events.refine();
    else if (typing) return;
    else if ((key === "z" && event.shiftKey) || key === "y") this.events.redo();
    else if (key === "z") this.events.undo();
    else return;
    event.preventDefault();
  }

  private onPaper(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = sign(event);
    const { brush } = this.paper;
    const arrow = ARROWS[event.key];
    if (arrow) this.move(arrow, event.shiftKey ? FINE : STEP);
    else if (key === " ") this.toggle(event.repeat);
    else if (key === "escape" && this.paper.drawingNow)
      this.giveUp(); // else it closes a dialog
    else if (key === "b") this.events.brush({ tool: "pen" });
    else if (key === "e") this.events.brush({ tool: "eraser" });
    else if (key === "[") this.events.brush({ size: Math.max(0.002, brush.size / 1.25) });
    else if (key === "]") this.events.brush({ size: Math.min(masks(brush.tool) ? 0.2 : 0.08, brush.size * 1.25) });
    else if (!MASK.includes(key) || !this.paper.mask.shown) return;
    else if (key === "m") this.events.brush({ tool: "mask" });
    else if (key === "n") this.events.brush({ tool: "unmask" });
    else this.events.turn("invert");
    event.preventDefault();
  }

  private move([dx, dy]: [number, number], step: number): void {
    const height = this.paper.canvas.height / this.paper.canvas.width;
    this.x = Math.min(1, Math.max(0, this.x + dx * step));
    this.y = Math.min(height, Math.max(0, this.y + dy * step));
    if (this.down) this.paper.draw(this.x, this.y, 0.5, null);
    this.show();
  }

  private toggle(held: boolean): void {
    if (held) return;
    if (this.down) this.lift();
    else {
      this.down = true;
      this.paper.draw(this.x, this.y, 0.5, null);
    }
    this.show();
  }

  private giveUp(): void {
    this.paper.cancel();
    this.down = false;
    this.show();
  }

  private lift(): void {
    if (this.down) this.paper.finish();
    this.down = false;
    this.cursor.hidden = true;
  }

  private show(): void {
    const height = this.paper.canvas.height / this.paper.canvas.width;
    this.cursor.hidden = false;
    this.cursor.toggleAttribute("data-down", this.down);
    this.cursor.style.left = `${this.x * 100}%`;
    this.cursor.style.top = `${(this.y / height) * 100}%`;
  }
}

/** Signs that a shortcut is made of, by where they are on a keyboard of the USA. */
const PLACES: Record<string, string> = { BracketLeft: "[", BracketRight: "]" };

/**
 * Return the sign that a key stands for, small: by its label where that is one of ours, and by its
 * place where the layout writes other letters, as Cyrillic or Greek ones.
 */
function sign({ key, code }: KeyboardEvent): string {
  const small = key.toLowerCase();
  if (/^[a-z[\]]$/.test(small)) return small;
  const place = PLACES[code] ?? (/^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : "");
  // A letter or a dead key has no other meaning here; Enter, Escape and the arrows have.
  return place && (key.length === 1 || key === "Dead" || key === "Unidentified") ? place : small;
}

/** Whether an element takes text, as all fields do that are not pressed or pulled. */
function isTyped(element: Element): boolean {
  if (element instanceof HTMLInputElement) return !PRESSED.includes(element.type);
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLElement && element.isContentEditable)
  );
}

const PRESSED = ["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"];
