/** The paper: turns points into ink at once, and keeps the drawing behind it. */

import { h } from "../ui/dom.ts";
import { pictures, read, written } from "./base.ts";
import type { Operation, Stroke, Tool } from "./drawing.ts";
import { Drawing, isOfMask } from "./drawing.ts";
import { MaskLayer } from "./mask.ts";
import { decodePictures, paint, paintFrom } from "./paint.ts";
import { Pointers } from "./pointer.ts";

export type Layer = "ink" | "mask";

export interface Brush {
  tool: Tool;
  colour: string;
  size: number; // in units of the paper's width
}

/** `at` is the `timeStamp` of the event that changed the paper; null where there was none. */
export interface PaperEvents {
  ink(at: number | null, layer?: Layer): void; // the pixels changed; of one layer alone, where one is named
  settled(): void; // an operation is complete: keep the drawing
  stroke(): void; // a stroke of the pen ended
}

const RESOLUTIONS = [512, 768, 1024]; // px of the longer side
const COARSER = 0.95; // of the px on screen: nobody sees the difference, and the next is dear

export class Paper {
  readonly canvas = h("canvas", {
    class: "ink",
    tabindex: 0,
    role: "img",
    "aria-roledescription": "drawing area",
  });
  readonly drawing = new Drawing();
  readonly mask = new MaskLayer();
  brush: Brush = { tool: "pen", colour: "#1a1a1a", size: 0.014 };
  private readonly context = context2d(this.canvas, { desynchronized: true });
  /** The drawing as small as the model takes it, painted along: nothing is scaled for the wire. */
  readonly wire = h("canvas");
  private readonly wired = context2d(this.wire, { willReadFrequently: true });
  private readonly base = h("canvas"); // operations too old to undo
  private readonly settled = h("canvas"); // all operations, without the stroke under way
  private stroke: Stroke | null = null;
  private readonly pointers = new Pointers(this);
  private aspect = 1; // width : height

  constructor(private readonly events: PaperEvents) {
    this.resize(RESOLUTIONS[1] as number);
  }

  /** What is to lie beside the canvas. */
  get corners(): readonly HTMLElement[] {
    return this.pointers.corners;
  }

  /** Whether a stroke is being drawn just now. */
  get drawingNow(): boolean {
    return this.stroke !== null;
  }

  /** Whether it is ink that is being drawn. */
  get inking(): boolean {
    return this.stroke !== null && !isOfMask(this.stroke);
  }

  /** Whether anything of the picture is to be painted anew. */
  get masked(): boolean {
    return this.drawing.masked || this.stroke?.tool === "mask";
  }

  /** Take the size of the model's input, px. */
  setInput(width: number, height: number): void {
    if (this.wire.width !== width || this.wire.height !== height) {
      Object.assign(this.wire, { width, height });
      this.paintAll(this.wired);
    }
    if (this.aspect === width / height) return;
    this.aspect = width / height;
    this.resize(Math.max(this.canvas.width, this.canvas.height));
  }

  /** Choose the resolution for a size on screen, in device px. */
  fit(shown: number): void {
    const longer = RESOLUTIONS.find((each) => each >= shown * COARSER) ?? 1024;
    if (longer !== Math.max(this.canvas.width, this.canvas.height)) this.resize(longer);
  }

  add(operation: Operation): void {
    for (const old of this.drawing.add(operation)) this.bake(old);
  }

  clear(): void {
    if (this.drawing.empty && !this.drawing.masked) return;
    this.finish();
    this.add({ kind: "clear" });
    this.changed();
  }

  undo(): void {
    this.finish();
    this.go(() => this.drawing.undo());
  }

  redo(): void {
    this.go(() => this.drawing.redo());
  }

  /** Mask what is not masked, and nothing else; or mask nothing. */
  turn(kind: "invert" | "unmask"): void {
    this.finish();
    if (kind === "unmask" && !this.masked) return;
    this.add({ kind });
    this.changed("mask");
  }

  /** Put a picture on the paper, or a mask over it; rejects where the browser cannot read it. */
  async addPicture(blob: Blob, layer: Layer = "ink"): Promise<void> {
    const operation: Operation = { kind: "picture", blob, ...(layer === "mask" ? { layer } : {}) };
    await decodePictures([operation]);
    if (layer === "mask" && this.drawing.masked) this.add({ kind: "unmask" });
    this.add(operation);
    this.changed(layer === "mask" ? layer : undefined);
  }

  /** Draw another drawing in place of this one, which undo brings back. */
  async replace(operations: readonly Operation[], base: Blob | null): Promise<void> {
    const { ink, mask } = base ? await pictures(base) : { ink: null, mask: null };
    const picture: Operation[] = ink ? [{ kind: "picture", blob: ink }] : [];
    if (mask) picture.push({ kind: "picture", blob: mask, layer: "mask" });
    await decodePictures([...picture, ...operations]);
    if (!this.drawing.empty || this.drawing.masked) this.add({ kind: "clear" });
    for (const operation of [...picture, ...operations]) this.add(operation);
    this.changed();
  }

  /** Bring back a drawing that was kept, under whatever has been drawn since. */
  async restore(operations: readonly Operation[], base: Blob | null): Promise<void> {
    await decodePictures(operations);
    const { ink, mask } = base ? await read(base) : { ink: null, mask: null };
    this.drawing.restore([...operations, ...this.drawing.operations], ink !== null, mask !== null);
    const context = context2d(this.base);
    context.clearRect(0, 0, this.base.width, this.base.height);
    if (ink) context.drawImage(ink, 0, 0, this.base.width, this.base.height);
    this.mask.layBase(mask);
    this.changed();
  }

  /** Return what older operations left, or null if nothing; what they masked is its recipe's. */
  async keepBase(): Promise<Blob | null> {
    const { hasBase, hasMaskBase } = this.drawing;
    if (!hasBase && !hasMaskBase) return null;
    return written(this.base, hasMaskBase ? this.mask.baked : null, !hasBase);
  }

  /** End the stroke that is being drawn, as when the page goes away. */
  finish(): void {
    const { stroke } = this;
    this.letGo();
    if (!stroke) return;
    this.add(stroke);
    if (!isOfMask(stroke)) {
      paint(context2d(this.settled), stroke, this.settled.width);
      this.show();
    }
    this.events.settled();
    this.events.stroke();
  }

  /** Take the stroke back that is being drawn. */
  cancel(): void {
    const { stroke } = this;
    if (!stroke) return;
    this.letGo();
    this.show();
    this.mask.repaint(this.drawing.operations, null);
    this.paintAll(this.wired);
    this.events.ink(null, layerOf(stroke));
  }

  /** Begin or go on with a stroke at a point; the keyboard draws through this too. */
  draw(x: number, y: number, pressure: number, at: number | null, tool = this.brush.tool): void {
    this.extend({ ...this.brush, tool }, [x, y, pressure], at);
  }

  /** Begin or go on with a given stroke by some of its points. */
  grow(stroke: Stroke, points: readonly number[]): void {
    this.extend(stroke, points, null);
  }

  /** Return the drawing painted anew, so that it is sharp at another resolution (px, longer side). */
  render(longer: number): HTMLCanvasElement {
    const scale = longer / Math.max(this.canvas.width, this.canvas.height);
    const [width, height] = [this.canvas.width, this.canvas.height].map((side) => Math.round(side * scale));
    return this.sized(width!, height!);
  }

  /** Return the same in a size of its own, px, as `wire` is in that of the model's input. */
  sized(width: number, height: number): HTMLCanvasElement {
    const canvas = h("canvas", { width, height });
    this.paintAll(context2d(canvas));
    return canvas;
  }

  /** Go a step back or on; one that nobody would see, of a mask that is hidden, is no step. */
  private go(step: () => Operation | null): void {
    let operation = step();
    if (!operation) return;
    while (operation && isOfMask(operation) && !this.mask.shown) operation = step();
    this.changed(operation ? layerOf(operation) : "mask");
  }

  private letGo(): void {
    this.stroke = null;
    this.pointers.release();
    this.canvas.removeAttribute("data-inking");
  }

  private paintAll(context: CanvasRenderingContext2D): void {
    const { width, height } = context.canvas;
    context.clearRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    if (this.drawing.hasBase) context.drawImage(this.base, 0, 0, width, height);
    for (const operation of this.drawing.operations) paint(context, operation, width);
    if (this.stroke) paint(context, this.stroke, width);
  }

  private extend(how: Brush, points: readonly number[], at: number | null): void {
    const { tool, colour, size } = how;
    this.stroke ??= { kind: "stroke", tool, colour, size, points: [] };
    this.canvas.setAttribute("data-inking", "");
    const first = this.stroke.points.length / 3;
    this.stroke.points.push(...points);
    if (isOfMask(this.stroke)) {
      this.mask.extend(this.stroke, first);
      return this.events.ink(at, "mask");
    }
    paintFrom(this.context, this.stroke, first, this.canvas.width);
    paintFrom(this.wired, this.stroke, first, this.wire.width);
    this.events.ink(at, "ink");
  }

  private bake(operation: Operation): void {
    paint(context2d(this.base), operation, this.base.width);
    this.mask.bake(operation);
  }

  private resize(longer: number): void {
    const width = Math.round(longer * Math.min(1, this.aspect));
    const height = Math.round(longer / Math.max(1, this.aspect));
    const before = h("canvas", { width: this.base.width, height: this.base.height });
    if (this.base.width && this.base.height) context2d(before).drawImage(this.base, 0, 0);
    for (const canvas of [this.canvas, this.settled, this.base]) {
      [canvas.width, canvas.height] = [width, height];
    }
    context2d(this.base).drawImage(before, 0, 0, width, height);
    this.mask.resize(width, height, this.drawing.operations, this.stroke);
    this.repaint();
  }

  private repaint(): void {
    const context = context2d(this.settled);
    context.clearRect(0, 0, this.settled.width, this.settled.height);
    context.drawImage(this.base, 0, 0);
    for (const operation of this.drawing.operations) paint(context, operation, this.settled.width);
    this.show();
    if (this.stroke) paint(this.context, this.stroke, this.canvas.width);
  }

  private show(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.drawImage(this.settled, 0, 0);
  }

  private changed(layer?: Layer): void {
    this.repaint();
    this.mask.repaint(this.drawing.operations, this.stroke);
    this.paintAll(this.wired);
    this.events.settled();
    this.events.ink(null, layer);
  }
}

/** The layer that an operation changes alone; of ink none is named, so that all is sent anew. */
function layerOf(operation: Operation): Layer | undefined {
  return isOfMask(operation) ? "mask" : undefined;
}

function context2d(canvas: HTMLCanvasElement, how?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", how);
  if (!context) throw new Error("this browser gives no 2d context");
  return context;
}
