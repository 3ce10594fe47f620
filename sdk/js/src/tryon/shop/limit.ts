/** How often a visitor may try something on: the page's courtesy. What holds is the server's own limit. */

import { LivedraftError } from "../../errors.ts";
import { closest } from "./closest.ts";

const SPANS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, session: Number.POSITIVE_INFINITY };
const RULE = /^(\d+)\s*(?:\/|per)\s*(\p{L}+)$/u;
const PLACE = "livedraft-tryon-tries";

/** So many tries within a span of time in ms; `session` is a tab's, however long it is open. */
export interface Rule {
  readonly tries: number;
  readonly withinMs: number;
}

/** Where the times of tries are kept: a tab's own storage, which a reload does not empty. */
export type Memory = Pick<Storage, "getItem" | "setItem">;

/** Read the attribute `limit`, such as "20 per hour"; null: none. Raises `limit_invalid`. */
export function parseLimit(text: string | null): Rule | null {
  if (!text?.trim()) return null;
  const [, count = "", span = ""] = RULE.exec(text.trim()) ?? [];
  const withinMs = Object.hasOwn(SPANS, span) ? SPANS[span as keyof typeof SPANS] : 0;
  if (Number(count) > 0 && withinMs) return { tries: Number(count), withinMs };
  const near = span && closest(span, Object.keys(SPANS));
  throw new LivedraftError({
    code: "limit_invalid",
    message: `limit="${text.slice(0, 40)}" is not understood`,
    fix: near && Number(count) > 0 ? `did you mean "${count} per ${near}"?` : 'write limit="20 per hour", or session',
  });
}

/** Counts tries. Only their times are kept, nothing of what was tried. */
export class Limit {
  rule: Rule | null = null;
  private times: number[];

  constructor(
    private readonly memory: Memory | null = tabs(),
    private readonly now: () => number = Date.now,
  ) {
    this.times = this.read();
  }

  /** How many tries are left; infinite without a rule. */
  get left(): number {
    return this.rule ? Math.max(0, this.rule.tries - this.recent().length) : Number.POSITIVE_INFINITY;
  }

  /** Time until the next try in ms: 0 where one is free, infinite where none comes. */
  get waitMs(): number {
    const { rule } = this;
    if (!rule || this.left > 0) return 0;
    const freed = this.recent().at(-rule.tries)!; // the oldest of those that count
    return freed + rule.withinMs - this.now();
  }

  /** Count one try; false where none is left. */
  take(): boolean {
    if (!this.left) return false;
    if (!this.rule) return true;
    this.times = [...this.recent(), this.now()];
    try {
      this.memory?.setItem(PLACE, JSON.stringify(this.times));
    } catch {
      // The browser keeps nothing: this page's own memory counts on.
    }
    return true;
  }

  private recent(): number[] {
    const now = this.now();
    const since = now - (this.rule?.withinMs ?? 0);
    return this.times.filter((time) => time > since && time <= now); // a clock may be set back
  }

  private read(): number[] {
    try {
      const kept: unknown = JSON.parse(this.memory?.getItem(PLACE) ?? "[]");
      return Array.isArray(kept) ? kept.filter((time) => typeof time === "number") : [];
    } catch {
      return [];
    }
  }
}

/** Return the tab's storage; null where the browser forbids it. */
function tabs(): Memory | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
