/** How the result is looked at: beside the drawing or over it, and whether it refines at rest. */

import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import type { Control } from "../ui/fields.ts";
import { slider, toggle } from "../ui/fields.ts";

export type Layout = "beside" | "over";

const NARROW = 560; // px, below which the result lies over the drawing unless the page says else
const MIX = {
  key: "mix",
  title: "Result",
  hint: "How much of the result covers the drawing.",
  kind: "number",
  min: 0,
  max: 1,
  step: 0.01,
} as const;

export class View {
  readonly root: HTMLElement;
  readonly rest: Control;
  private asked: Layout | null = null;
  private layout: Layout = "beside";
  private element: HTMLElement | null = null;
  private readonly mix: Control;
  private readonly beside = button("beside", "Result beside the drawing", () => this.ask("beside"));
  private readonly over = button("over", "Result over the drawing", () => this.ask("over"));
  private readonly observer = new ResizeObserver(() => this.apply());

  constructor(private readonly restChanged: (on: boolean) => void) {
    this.mix = slider(MIX, (value) => this.setMix(Number(value)));
    this.rest = toggle(
      { title: "Refine when the pen rests", hint: "Make the final picture after a short pause." },
      restChanged,
    );
    this.root = h(
      "div",
      { class: "view", role: "group", "aria-label": "Layout" },
      this.mix.root,
      this.beside,
      this.over,
    );
  }

  attach(element: HTMLElement): void {
    this.element = element;
    this.observer.observe(element);
    this.mix.show(0.7);
    this.setMix(0.7);
    this.apply();
  }

  /** Take a layout; null leaves it to the width. */
  ask(layout: Layout | null): void {
    this.asked = layout;
    this.apply();
  }

  refineOnRest(on: boolean): void {
    this.rest.show(on);
    this.restChanged(on);
  }

  private apply(): void {
    const { element } = this;
    if (!element) return;
    const narrow = element.clientWidth > 0 && element.clientWidth < NARROW;
    this.layout = this.asked ?? (narrow ? "over" : "beside");
    element.dataset["layout"] = this.layout;
    this.beside.setAttribute("aria-pressed", String(this.layout === "beside"));
    this.over.setAttribute("aria-pressed", String(this.layout === "over"));
    show(this.mix.root, this.layout === "over");
  }

  private setMix(value: number): void {
    this.element?.style.setProperty("--mix", String(value));
  }
}
