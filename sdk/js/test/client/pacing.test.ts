/** Two in flight at most, the second just in time; and what the meter makes of it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Backoff } from "../../src/client/backoff.ts";
import type { Flight, Span } from "../../src/client/pacing.ts";
import { Pacing } from "../../src/client/pacing.ts";
import type { Sample } from "../../src/client/stats.ts";
import { Meter } from "../../src/client/stats.ts";

function flight(sent: number, pen: Span | null = null): Flight {
  return { sent, pen, encodeMs: 4, heldMs: 0 };
}

test("the first goes at once, a third never", () => {
  const pacing = new Pacing();
  assert.equal(pacing.wait(0), 0);
  pacing.sent(1, flight(0));
  pacing.sent(2, flight(1));
  assert.equal(pacing.wait(1000), Infinity);
});

interface Happening {
  at: number;
  sent?: number;
  answered?: number;
  forget?: number | null;
  timings?: Record<string, number>;
  wait?: number | null; // null: until an answer comes
}

const traces = JSON.parse(readFileSync("../../tests/vectors/pacing.json", "utf8")) as {
  name: string;
  events: Happening[];
}[];

for (const { name, events } of traces) {
  test(`trace: ${name}`, () => {
    const pacing = new Pacing();
    for (const { at, sent, answered, forget, timings = {}, wait } of events) {
      if (sent !== undefined) pacing.sent(sent, flight(at));
      else if (answered !== undefined) pacing.answered(answered, at, timings);
      else if (forget !== undefined) pacing.forget(forget ?? undefined);
      else {
        const told = pacing.wait(at);
        const right = wait === null ? told === Infinity : Math.abs(told - (wait as number)) < 1e-3;
        assert.ok(right, `at ${at} ms: ${told} instead of ${wait}`);
      }
    }
  });
}

test("what has to be encoded begins so much earlier", () => {
  const pacing = new Pacing();
  pacing.sent(1, flight(0));
  pacing.answered(1, 200, { queued: 1, prepared: 6, decoded: 180, sent: 196 });
  pacing.sent(2, flight(200));
  assert.equal(pacing.wait(200), 164); // of the model's 174, less 10 of margin
  assert.equal(pacing.waitToEncode(200), 160);
});

test("a frame answers all older inputs, and shows the ink of all", () => {
  const pacing = new Pacing();
  pacing.sent(1, flight(10, [2, 5]));
  pacing.sent(2, flight(30, [20, 25]));
  const found = pacing.answered(2, 60, {});
  assert.deepEqual(found, flight(30, [2, 25]));
  assert.equal(pacing.inFlight, 0);
  assert.equal(pacing.answered(2, 70, {}), null);
});

test("a refused or lost input makes room", () => {
  const pacing = new Pacing();
  pacing.sent(1, flight(0));
  pacing.sent(2, flight(0));
  pacing.forget(1);
  assert.equal(pacing.inFlight, 1);
  pacing.forget();
  assert.equal(pacing.inFlight, 0);
});

test("waiting times double up to 8 s, with jitter, and start again after a success", () => {
  const longest = new Backoff(() => 1);
  assert.deepEqual(
    Array.from({ length: 7 }, () => longest.next()),
    [250, 500, 1000, 2000, 4000, 8000, 8000],
  );
  longest.reset();
  assert.equal(longest.next(), 250);
  assert.equal(new Backoff(() => 0).next(), 125);
});

function sample(change: Partial<Sample> = {}): Sample {
  const timings = { queued: 1, prepared: 2, stepped: 52, model: 50, sent: 60 };
  return {
    penToPixelMs: 90,
    encodeMs: 5,
    roundTripMs: 66,
    timings,
    browserMs: 12,
    dropped: 1,
    receivedAt: 0,
    at: 0,
    ...change,
  };
}

test("the meter names the stage that takes the longest", () => {
  const limiting = (change: Partial<Sample>): string => {
    const meter = new Meter();
    meter.add(sample(change));
    return meter.stats(0).limiting;
  };
  assert.equal(limiting({}), "model");
  assert.equal(limiting({ roundTripMs: 300 }), "network");
  assert.equal(limiting({ encodeMs: 70 }), "encode");
  assert.equal(limiting({ browserMs: 70 }), "browser");
  assert.equal(limiting({ timings: { queued: 1, prepared: 2, stepped: 152, model: 50, sent: 160 } }), "queue");
});

test("the meter counts frames of the last second and all drops, and forgets old samples", () => {
  const meter = new Meter();
  for (let i = 0; i < 100; i++) meter.add(sample({ at: i * 100, penToPixelMs: i }));
  const stats = meter.stats(9900);
  assert.equal(stats.fps, 10);
  assert.equal(stats.dropped, 100);
  assert.equal(stats.penToPixelMs, 70);
  assert.equal(new Meter().stats(0).penToPixelMs, 0);
});
