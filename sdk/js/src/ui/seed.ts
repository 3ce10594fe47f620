/** The seed: a number, a lock that keeps it, and dice. */

import { button } from "./button.ts";
import { h } from "./dom.ts";
import type { Control } from "./fields.ts";
import { icon } from "./icons.ts";

const MOST = 2 ** 32 - 1;

export class Seed implements Control {
  readonly root: HTMLElement;
  /** Whether the seed stays; otherwise the first stroke after a refine begins with another. */
  locked = false;
  private readonly input = h("input", {
    type: "number",
    min: 0,
    max: MOST,
    step: 1,
    inputmode: "numeric",
    "aria-label": "Seed",
  });
  private readonly lock = button("lock", "", () => this.setLocked(!this.locked));

  constructor(private readonly change: (seed: number) => void) {
    this.input.addEventListener("input", () => {
      const seed = this.input.valueAsNumber;
      if (Number.isInteger(seed) && seed >= 0 && seed <= MOST) change(seed);
    });
    const dice = button("dice", "Roll another seed", () => this.roll());
    this.root = h(
      "div",
      { class: "field seed", title: "Same seed, same picture." },
      h("label", { class: "name" }, "Seed"),
      this.input,
      this.lock,
      dice,
    );
    this.setLocked(false);
  }

  show(seed: unknown): void {
    if (this.input.valueAsNumber !== seed) this.input.value = String(seed ?? "");
  }

  /** Choose another seed at random. */
  roll(): void {
    const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
    const short = seed % 1_000_000; // six digits can be read, told and typed
    this.show(short);
    this.change(short);
  }

  setLocked(locked: boolean): void {
    this.locked = locked;
    this.lock.replaceChildren(icon(locked ? "lock" : "unlock"));
    this.lock.setAttribute("aria-pressed", String(locked));
    this.lock.setAttribute("aria-label", "Lock the seed");
    this.lock.title = locked ? "The seed stays the same" : "A new seed with the first stroke after a refine";
  }
}
