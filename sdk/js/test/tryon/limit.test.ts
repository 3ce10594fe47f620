/** The visitor's limit: what it counts, what it remembers, and how long it says to wait. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Memory } from "../../src/tryon/shop/limit.ts";
import { Limit, parseLimit } from "../../src/tryon/shop/limit.ts";
import { duration, LimitNote, untilNext } from "../../src/tryon/shop/limit_note.ts";
import { en } from "../../src/tryon/words/en.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage } from "../doubles/page.ts";

installPage();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

class Tab implements Memory {
  kept: string | null = null;
  getItem = (): string | null => this.kept;
  setItem = (_: string, value: string): void => void (this.kept = value);
}

test("a limit is so many tries in a span, and anything else is refused with what to write", () => {
  assert.deepEqual(parseLimit("20 per hour"), { tries: 20, withinMs: HOUR });
  assert.deepEqual(parseLimit(" 5/session "), { tries: 5, withinMs: Number.POSITIVE_INFINITY });
  assert.deepEqual([parseLimit(null), parseLimit(" ")], [null, null]);
  assert.throws(() => parseLimit("20 per huor"), { code: "limit_invalid", fix: 'did you mean "20 per hour"?' });
  for (const wrong of ["many", "0 per hour", "-1/hour", "3", "1.5/hour", "3 per constructor"]) {
    assert.throws(() => parseLimit(wrong), { code: "limit_invalid", fix: /20 per hour/ }, wrong);
  }
});

test("tries are counted within the span, and come back one by one", () => {
  let now = 1_000_000;
  const limit = new Limit(new Tab(), () => now);
  assert.deepEqual([limit.left, limit.take(), limit.waitMs], [Number.POSITIVE_INFINITY, true, 0]);
  limit.rule = { tries: 2, withinMs: HOUR };
  assert.equal(limit.take(), true);
  now += 10 * MINUTE;
  assert.deepEqual([limit.take(), limit.take(), limit.left], [true, false, 0]);
  assert.equal(limit.waitMs, 50 * MINUTE);
  now += 50 * MINUTE;
  assert.deepEqual([limit.waitMs, limit.left, limit.take(), limit.waitMs], [0, 1, true, 10 * MINUTE]);
  limit.rule = { tries: 1, withinMs: HOUR };
  assert.equal(limit.waitMs, HOUR, "a smaller limit counts the newest");
});

test("a reload forgets nothing, and a session's limit does not end by waiting", () => {
  const tab = new Tab();
  let now = 5_000;
  const first = new Limit(tab, () => now);
  first.rule = { tries: 1, withinMs: Number.POSITIVE_INFINITY };
  assert.equal(first.take(), true);
  now += 1000 * HOUR;
  const second = new Limit(tab, () => now);
  second.rule = first.rule;
  assert.deepEqual([second.left, second.waitMs], [0, Number.POSITIVE_INFINITY]);
  assert.equal(tab.kept, "[5000]", "times alone are kept");
});

test("a clock that is set back, a full or spoilt storage, and none at all lock nobody out", () => {
  let now = 10 * HOUR;
  const tab = new Tab();
  const limit = new Limit(tab, () => now);
  limit.rule = { tries: 1, withinMs: HOUR };
  limit.take();
  now -= 5 * HOUR;
  assert.equal(limit.left, 1);
  for (const spoilt of ["{}", "[null]", "no", "5"]) {
    tab.kept = spoilt;
    const other = new Limit(tab, () => now);
    other.rule = limit.rule;
    assert.equal(other.left, 1, spoilt);
  }
  const refuses: Memory = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  for (const memory of [refuses, null]) {
    const other = new Limit(memory, () => now);
    other.rule = limit.rule;
    assert.deepEqual([other.take(), other.take()], [true, false]);
  }
});

test("times are said in words, in the language of the page", () => {
  assert.equal(duration(12 * MINUTE, "en"), "12 minutes");
  assert.equal(duration(11.2 * MINUTE, "de"), "12 Minuten");
  assert.equal(duration(90 * MINUTE, "en"), "90 minutes");
  assert.equal(duration(90 * 1000, "en"), "90 seconds");
  assert.equal(duration(5 * HOUR, "ko"), "5시간");
  assert.equal(
    duration(3 * MINUTE, "ar"),
    new Intl.NumberFormat("ar", { style: "unit", unit: "minute", unitDisplay: "long" }).format(3),
  );
  assert.equal(duration(1, "en"), "1 second");
  assert.equal(untilNext(11.25 * MINUTE), 0.25 * MINUTE);
  assert.equal(untilNext(3000), 1000);
});

test("the note counts down, aloud only where something else is true, and tells when it is over", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const limit = new Limit(new Tab(), () => now);
  limit.rule = { tries: 1, withinMs: 4000 };
  limit.take();
  const note = new LimitNote(
    limit,
    () => en.limit,
    () => "en",
  );
  const root = note.root as unknown as Element;
  const [said, countdown] = root.children as [Element, Element];
  note.show();
  assert.deepEqual([root.hidden, said.textContent], [false, en.limit.reached]);
  assert.equal(countdown.textContent, "The next one is free in 4 seconds.");
  assert.equal(countdown.hasAttribute("role"), false);
  for (const left of [3, 2]) {
    now += 1000;
    mock.timers.tick(1000);
    assert.equal(countdown.textContent, `The next one is free in ${left} seconds.`);
  }
  now += 2000;
  mock.timers.tick(2000);
  assert.deepEqual([said.textContent, countdown.textContent], [en.limit.free, ""]);
  note.hide();
  assert.equal(root.hidden, true);
  limit.rule = { tries: 1, withinMs: Number.POSITIVE_INFINITY };
  note.reword();
  assert.equal(root.hidden, true, "what is hidden stays so");
  note.show();
  note.reword();
  assert.equal(countdown.textContent, en.limit.over);
  mock.timers.reset();
});
