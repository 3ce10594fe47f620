/** The drawing's side of the element: the paper, the paint box, the keyboard, drawings to begin with. */

import { receive } from "../ui/files.ts";
import type { Stroke, Turn } from "./drawing.ts";
import { isOfMask, masks } from "./drawing.ts";
import type { Read } from "./examples.ts";
import { Examples } from "./examples.ts";
import { Keys } from "./keys.ts";
import type { Brush, Layer } from "./paper.ts";
import { Paper } from "./paper.ts";
import { Player } from "./player.ts";
import { Sheet } from "./sheet.ts";
import { Toolbar } from "./toolbar.ts";

export interface CanvasEvents {
  ink(at: number | null, layer?: Layer): void; // the pixels changed, by the event of this `timeStamp`
  settled(): void; // an operation is complete: keep the drawing
  stroke(): void; // a stroke of the pen ended
  cleared(): void;
  refine(): void; // asked for by the keyboard
  take(): void; // the result is to be drawn on
  open(file: Blob): void;
  example(example: Read, surprise: boolean): void;
}

const MASK_SIZE = 0.06; // of a brush that was not chosen yet

export class SketchCanvas {
  readonly paper: Paper;
  readonly toolbar: Toolbar;
  readonly player: Player;
  readonly examples: Examples;
  readonly sheet: Sheet;
  private readonly keys: Keys;
  private otherSize = MASK_SIZE; // of the brush, while the other one of ink and mask is drawn

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
      turn: (kind: Turn["kind"]) => this.turn(kind),
      take: () => events.take(),
    };
    this.paper = new Paper(events);
    this.player = new Player(this.paper);
    this.sheet = new Sheet(this.paper.canvas, this.paper.corners, this.paper.mask.canvas);
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
    const { empty, masked } = this.paper.drawing;
    if (empty && !masked) return;
    this.paper.clear();
    this.events.cleared();
  }

  /** End what is being drawn, by a hand or by the player. */
  finish(): void {
    this.player.finish();
    this.paper.finish();
  }

  /** Change the brush; ink and mask each have a size of their own. */
  setBrush(change: Partial<Brush>): void {
    const { brush } = this.paper;
    const { tool = brush.tool } = change;
    if (masks(tool) !== masks(brush.tool)) [brush.size, this.otherSize] = [this.otherSize, brush.size];
    Object.assign(brush, change);
    this.toolbar.show(brush);
  }

  /** Turn the mask round, or take it away. */
  turn(kind: Turn["kind"]): void {
    this.player.finish();
    this.paper.turn(kind);
  }

  /** Show the mask and its tools where the model has a use for one; what is masked is kept in any case. */
  offerMask(offered: boolean): void {
    this.paper.mask.shown = offered;
    this.toolbar.offerMask(offered);
    if (!offered && masks(this.paper.brush.tool)) this.setBrush({ tool: "pen" });
  }

  /** Show what can be done with the drawing as it stands. */
  refresh(drawn: boolean, take: boolean): void {
    const { drawing, mask } = this.paper;
    const { canUndo: undo, canRedo: redo, empty, masked, operations } = drawing;
    this.toolbar.enable({ undo, redo, clear: !empty || masked, unmask: masked, take });
    this.sheet.show(drawn, operations.filter((each) => !isOfMask(each)).length, masked && mask.shown);
  }
}
