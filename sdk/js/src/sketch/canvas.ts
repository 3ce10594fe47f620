/** The drawing's side of the element: the paper, the paint box, the keyboard, drawings to begin with. */

import { receive } from "../ui/files.ts";
import type { Stroke } from "./drawing.ts";
import type { Read } from "./examples.ts";
import { Examples } from "./examples.ts";
import { Keys } from "./keys.ts";
import type { Brush } from "./paper.ts";
import { Paper } from "./paper.ts";
import { Player } from "./player.ts";
import { Sheet } from "./sheet.ts";
import { Toolbar } from "./toolbar.ts";

export interface CanvasEvents {
  ink(at: number | null): void; // the pixels changed, by the event of this `timeStamp`
  settled(): void; // an operation is complete: keep the drawing
  stroke(): void; // a stroke of the pen ended
  cleared(): void;
  refine(): void; // asked for by the keyboard
  open(file: Blob): void;
  example(example: Read, surprise: boolean): void;
}

export class SketchCanvas {
  readonly paper: Paper;
  readonly toolbar: Toolbar;
  readonly player: Player;
  readonly examples: Examples;
  readonly sheet: Sheet;
  private readonly keys: Keys;

  constructor(
    host: HTMLElement,
    private readonly events: CanvasEvents,
  ) {
    const acts = {
      brush: (change: Partial<Brush>) => this.setBrush(change),
      undo: () => this.undo(),
      redo: () => this.paper.redo(),
      clear: () => this.clear(),
      refine: () => events.refine(),
      open: (file: Blob) => events.open(file),
    };
    this.paper = new Paper(events);
    this.player = new Player(this.paper);
    this.sheet = new Sheet(this.paper.canvas, this.paper.corners);
    this.toolbar = new Toolbar(acts);
    this.keys = new Keys(this.paper, this.sheet.cursor, acts);
    this.examples = new Examples((example, surprise) => events.example(example, surprise));
    this.toolbar.show(this.paper.brush);
    this.sheet.root.addEventListener("pointerdown", () => this.player.finish(), { capture: true }); // the pen is the user's
    receive(this.sheet.root, host, acts.open);
    host.addEventListener("keydown", (event) => this.keys.shortcut(event));
  }

  /** Draw strokes at once, each as if a hand had drawn it. */
  draw(strokes: readonly Stroke[]): void {
    this.finish();
    for (const stroke of strokes) {
      this.paper.grow(stroke, stroke.points);
      this.paper.finish();
    }
  }

  undo(): void {
    this.player.finish();
    this.paper.undo();
  }

  clear(): void {
    this.player.finish();
    if (this.paper.drawing.empty) return;
    this.paper.clear();
    this.events.cleared();
  }

  /** End what is being drawn, by a hand or by the player. */
  finish(): void {
    this.player.finish();
    this.paper.finish();
  }

  setBrush(change: Partial<Brush>): void {
    Object.assign(this.paper.brush, change);
    this.toolbar.show(this.paper.brush);
  }

  /** Show what can be done with the drawing as it stands. */
  refresh(drawn: boolean): void {
    const { drawing } = this.paper;
    this.toolbar.enable({ undo: drawing.canUndo, redo: drawing.canRedo, clear: !drawing.empty });
    this.sheet.show(drawn, drawing.operations.length);
  }
}
