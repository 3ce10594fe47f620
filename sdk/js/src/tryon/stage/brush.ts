/** Painting on the photo what may change: by pointer, or by arrow keys and space. */

import { toBlob } from "../../media/encode.ts";
import { onBlack } from "../../media/masks.ts";
import { within } from "../../media/photos.ts";
import type { Size } from "../../media/sizes.ts";
import { h } from "../../ui/dom.ts";
import type { Place } from "../measured.ts";
import { wipe } from "../photo.ts";
import type { Texts } from "../words/texts.ts";
import { Strokes } from "./strokes.ts";

const SIDE = 512; // px, of the longer side: as the model sees the photo
const STEP = 0.02; // of an arrow key, in widths of the picture
const KEYS: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface BrushEvents {
  /** The mask is another one; null: what the model finds. */
  mask(mask: Blob | null): void;
  changed(): void; // whether there is anything to take back
}

export class Brush {
  readonly canvas = h("canvas", { class: "brush", tabindex: 0, role: "application" });
  readonly root: HTMLElement;
  erases = false;
  private diameter = 0.08; // in widths of the picture
  private readonly tip = h("i", { class: "tip", "aria-hidden": "true" });
  private readonly strokes = new Strokes();
  private readonly found = h("canvas", { width: 0, height: 0 }); // by the model
  private at: Place = [0.5, 0.5];
  private pointer: number | null = null;
  private aspect = 1;

  constructor(
    texts: Texts,
    private readonly events: BrushEvents,
  ) {
    const { canvas } = this;
    this.root = h("div", { class: "painting" }, canvas, this.tip);
    texts.name(canvas, ({ brush }) => brush.surface);
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(end, (event) => this.up(event));
    }
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.size = this.diameter;
  }

  get size(): number {
    return this.diameter;
  }

  set size(size: number) {
    this.diameter = size;
    this.root.style.setProperty("--tip", `${size * 100}%`);
  }

  get painted(): boolean {
    return !this.strokes.empty;
  }

  /** Begin on a photo of this size, with what changes now; `paint` paints that. */
  open(size: Size, paint: (canvas: HTMLCanvasElement) => void): void {
    Object.assign(this.canvas, within(size, SIDE));
    this.aspect = size.width / size.height;
    if (this.strokes.empty) {
      Object.assign(this.found, within(size, SIDE));
      paint(this.found);
    }
    this.draw();
    this.moveTip(this.at);
  }

  undo(): void {
    this.strokes.undo();
    this.finished();
  }

  /** Leave it to the model again. */
  automatic(): void {
    this.strokes.clear();
    this.finished();
  }

  /** Let go of all that was painted. */
  clear(): void {
    this.strokes.clear();
    for (const canvas of [this.found, this.canvas]) wipe(canvas);
    this.pointer = null;
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.pointer !== null) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.begin(this.place(event));
  }

  private move(event: PointerEvent): void {
    const place = this.place(event);
    this.moveTip(place);
    if (event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.strokes.extend(this.place(each));
    this.draw();
  }

  private up(event: PointerEvent): void {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.finished();
  }

  private key(event: KeyboardEvent): void {
    const [right, down] = KEYS[event.key] ?? [0, 0];
    if (right || down) {
      const [x, y] = this.at;
      const inside = (part: number): number => Math.min(1, Math.max(0, part));
      this.moveTip([inside(x + right * STEP), inside(y + down * STEP * this.aspect)]);
    } else if (event.key === " " || event.key === "Enter") {
      this.begin(this.at);
      this.finished();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else return;
    event.preventDefault();
  }

  private begin(place: Place): void {
    this.strokes.begin({ erases: this.erases, size: this.diameter, places: [place] });
    this.draw();
  }

  private finished(): void {
    this.draw();
    this.events.changed();
    if (this.strokes.empty) return this.events.mask(null);
    const mask = onBlack(this.canvas, this.canvas);
    void toBlob(mask).then((blob) => {
      wipe(mask);
      if (this.painted) this.events.mask(blob);
    });
  }

  private draw(): void {
    const context = this.canvas.getContext("2d")!;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.found.width) context.drawImage(this.found, 0, 0, this.canvas.width, this.canvas.height);
    this.strokes.paint(this.canvas);
  }

  private moveTip(place: Place): void {
    this.at = place;
    this.tip.style.setProperty("left", `${place[0] * 100}%`);
    this.tip.style.setProperty("top", `${place[1] * 100}%`);
  }

  private place({ clientX, clientY }: PointerEvent): Place {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }
}
