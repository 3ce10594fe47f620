/** The verdict on a session: what it follows from, and how slowly it changes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Measures } from "../../src/client/quality.ts";
import { QualityMeter } from "../../src/client/quality.ts";

const GOOD: Measures = { networkMs: 30, lost: 0, narrow: false, serverMs: 40, deviceMs: 5, busy: false, seen: 1 };

/** Feed a meter; return what it said, in the order. */
function said(meter: QualityMeter, ...measures: Partial<Measures>[]): string[] {
  return measures.flatMap((each) => {
    const verdict = meter.take({ ...GOOD, ...each });
    return verdict ? [`${verdict.level} ${verdict.limit}`.trim()] : [];
  });
}

test("each factor is named, as fair and as poor", () => {
  const cases: [Partial<Measures>, string][] = [
    [{ networkMs: 250 }, "fair network"],
    [{ networkMs: 700 }, "poor network"],
    [{ lost: 0.05 }, "fair network"],
    [{ lost: 0.2 }, "poor network"],
    [{ narrow: true }, "fair network"],
    [{ serverMs: 400 }, "fair server"],
    [{ serverMs: 900 }, "poor server"],
    [{ deviceMs: 60 }, "fair device"],
    [{ busy: true }, "fair device"],
    [{ seen: 0.3 }, "poor device"],
    [{ networkMs: 300, serverMs: 900 }, "poor server"],
  ];
  for (const [measures, verdict] of cases) assert.deepEqual(said(new QualityMeter(), measures, measures), [verdict]);
  assert.deepEqual(said(new QualityMeter(), GOOD, GOOD, GOOD), []);
});

test("a single bad moment is none, and a single good one does not end bad ones", () => {
  const meter = new QualityMeter();
  assert.deepEqual(said(meter, { lost: 0.5 }, {}, { lost: 0.5 }, {}), []);
  assert.deepEqual(said(meter, { lost: 0.5 }, { lost: 0.5 }), ["poor network"]);
  assert.deepEqual(said(meter, {}, {}, {}, {}, { lost: 0.5 }, {}, {}, {}, {}), []);
  assert.deepEqual(said(meter, {}), ["good"]);
});

test("it gets better no further than the worst of the moments, and worse no further than the best", () => {
  const meter = new QualityMeter();
  assert.deepEqual(said(meter, { lost: 0.05 }, { lost: 0.5 }), ["fair network"]);
  assert.deepEqual(said(meter, { lost: 0.5 }, { lost: 0.5 }), ["poor network"]);
  assert.deepEqual(said(meter, {}, {}, { lost: 0.05 }, {}, {}), ["fair network"]);
});

test("the same level may have another reason", () => {
  const meter = new QualityMeter();
  assert.deepEqual(said(meter, { networkMs: 300 }, { networkMs: 300 }, { serverMs: 400 }), [
    "fair network",
    "fair server",
  ]);
});
