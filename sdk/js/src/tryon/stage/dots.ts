/** Points on a picture that are dragged, or moved by arrow keys, to where they belong. */

import { h, words as named } from "../../ui/dom.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Place, Places } from "../measured.ts";
import type { Texts } from "../words/texts.ts";

const STEP = 0.005; // of an arrow key, of the picture's side; with Shift ten times that
const KEYS: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Dots {
  readonly root = h("div", { class: "dots", role: "group" });
  private readonly dots = new Map<string, HTMLButtonElement>();
  private places: Record<string, Place> = {};
  private moved: Record<string, Place> = {};
  private dragged: { name: string; pointer: number } | null = null;

  /** `move` hears of all points that the user moved so far. */
  constructor(
    private readonly texts: Texts,
    private readonly move: (moved: Places) => void,
  ) {
    this.root.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.root.addEventListener(end, (event) => this.drop(event));
    }
    texts.say(() => this.write());
  }

  get changed(): boolean {
    return Object.keys(this.moved).length > 0;
  }

  get empty(): boolean {
    return this.dots.size === 0;
  }

  /** Show where the model has them; what the user moved stays where it was put. */
  show(places: Places): void {
    if (this.dragged) return;
    this.places = { ...places, ...this.moved };
    const names = Object.keys(this.places);
    if (names.length !== this.dots.size || names.some((name) => !this.dots.has(name))) {
      this.dots.clear();
      for (const name of names) this.dots.set(name, this.dot(name));
      this.root.replaceChildren(...this.dots.values());
    }
    this.write();
  }

  /** Forget what was moved: these are the points of another picture, or the model's own again. */
  reset(places: Places = {}): void {
    this.moved = {};
    this.dragged = null;
    this.show(places);
  }

  private dot(name: string): HTMLButtonElement {
    const dot = h("button", { type: "button", class: "dot" });
    dot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.dragged) return;
      event.preventDefault();
      dot.focus({ preventScroll: true });
      this.root.setPointerCapture(event.pointerId);
      this.dragged = { name, pointer: event.pointerId };
    });
    dot.addEventListener("keydown", (event) => {
      const [right, down] = KEYS[event.key] ?? [0, 0];
      if (!right && !down) return;
      event.preventDefault();
      const [x, y] = this.places[name]!;
      const step = event.shiftKey ? STEP * 10 : STEP;
      this.put(name, [x + right * step, y + down * step]);
      this.move({ ...this.moved });
    });
    return dot;
  }

  private drag({ pointerId, clientX, clientY }: PointerEvent): void {
    if (this.dragged?.pointer !== pointerId) return;
    const { left, top, width, height } = this.root.getBoundingClientRect();
    this.put(this.dragged.name, [(clientX - left) / width, (clientY - top) / height]);
  }

  private drop({ pointerId }: PointerEvent): void {
    const { dragged } = this;
    if (dragged?.pointer !== pointerId) return;
    this.dragged = null;
    if (dragged.name in this.moved) this.move({ ...this.moved });
  }

  private put(name: string, [x, y]: Place): void {
    const inside = (part: number): number => Math.round(Math.min(1, Math.max(0, part)) * 10_000) / 10_000;
    this.places[name] = this.moved[name] = [inside(x), inside(y)];
    this.write();
  }

  private write(): void {
    for (const [name, dot] of this.dots) {
      const [x, y] = this.places[name]!;
      dot.style.setProperty("left", `${x * 100}%`);
      dot.style.setProperty("top", `${y * 100}%`);
      dot.toggleAttribute("data-moved", name in this.moved);
      const known = { name: named(name), x: Math.round(x * 100), y: Math.round(y * 100) };
      dot.setAttribute("aria-label", fill(this.texts.words.points.point, known));
      dot.title = known.name;
    }
  }
}
