/** The seed: a number, a lock that keeps it, and dice. */

import { h } from "./dom.ts";
import type { Control } from "./fields.ts";
import { icon } from "./icons.ts";
import { button } from "./toolbar.ts";

const MOST = 2 ** 32 - 1;

export class Seed implements Control {
  readonly root: HTMLElement;
  /** Whether the seed stays when a picture has been refined. */
  kept = true;
  private readonly input = h("input", { type: "number", min: 0, max: MOST, step: 1, inputmode: "numeric", "aria-label": "Seed" });
  private readonly lock = button("lock", "", () => this.keep(!this.kept));

  constructor(private readonly change: (seed: number) => void) {
    this.input.addEventListener("input", () => {
      const seed = this.input.valueAsNumber;
      if (Number.isInteger(seed) && seed >= 0 && seed <= MOST) change(seed);
    });
    const dice = button("dice", "Roll another seed", () => this.roll());
    this.root = h("div", { class: "field seed", title: "Same seed, same picture." },
      h("label", { class: "name" }, "Seed"), this.input, this.lock, dice);
    this.keep(true);
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

  private keep(kept: boolean): void {
    this.kept = kept;
    const label = kept ? "Seed stays the same" : "New seed after each refine";
    this.lock.replaceChildren(icon(kept ? "lock" : "unlock"));
    this.lock.setAttribute("aria-pressed", String(kept));
    this.lock.setAttribute("aria-label", label);
    this.lock.title = label;
  }
}
