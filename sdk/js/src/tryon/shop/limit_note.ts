/** Says that a visitor has tried enough for now, and in words how long until the next one. */

import { h, show } from "../../ui/dom.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Words } from "../words/words.ts";
import type { Limit } from "./limit.ts";

const UNITS = [
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

export class LimitNote {
  readonly root = h("div", { class: "enough", part: "limit", hidden: true });
  private readonly said = h("p", { role: "status" });
  private readonly countdown = h("p"); // not read aloud each time that it changes
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly limit: Limit,
    private readonly words: () => Words["limit"],
    private readonly language: () => string,
  ) {
    this.root.append(this.said, this.countdown);
  }

  /** Say that no try is left, and count down to the next one. */
  show(): void {
    const words = this.words();
    this.stop();
    const wait = this.limit.waitMs;
    const never = wait === Number.POSITIVE_INFINITY;
    const text = wait <= 0 ? words.free : words.reached;
    if (this.said.textContent !== text) this.said.textContent = text;
    this.countdown.textContent =
      wait <= 0 ? "" : never ? words.over : fill(words.wait, { time: duration(wait, this.language()) });
    show(this.root, true);
    if (wait > 0 && !never) this.timer = setTimeout(() => this.show(), untilNext(wait));
  }

  hide(): void {
    this.stop();
    show(this.root, false);
  }

  /** Write it anew, as after the language changed. */
  reword(): void {
    if (!this.root.hidden) this.show();
  }

  private stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/** Return a time in the words of a language, rounded up to its largest unit: "12 minutes". */
export function duration(ms: number, language: string): string {
  const [unit, size] = unitOf(ms);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(ms / size));
}

/** Return how long what is said of a time stays true, in ms. */
export function untilNext(ms: number): number {
  const [, size] = unitOf(ms);
  return ms - (Math.ceil(ms / size) - 1) * size;
}

/** Of two of a unit on; 90 minutes are said as such, not as 2 hours. */
function unitOf(ms: number): (typeof UNITS)[number] {
  return UNITS.find(([, size]) => ms > 2 * size) ?? UNITS[2];
}
