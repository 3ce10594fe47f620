/** What has to go up: the newest of each key, again after a break, and without what was refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../src/client/outbox.ts";

const picture = new Uint8Array([1]);

test("keys merge and the newest picture of a name wins", () => {
  const outbox = new Outbox({ prompt: "fox" });
  assert.equal(outbox.full, false);
  outbox.set({ seed: 1, steps: 2 });
  outbox.set({ seed: 3 });
  outbox.put({ sketch: new Uint8Array([9]) }, 20);
  outbox.put({ sketch: picture }, 10);
  const load = outbox.take();
  assert.deepEqual(load.params, { seed: 3, steps: 2 });
  assert.deepEqual([...load.sources], [["sketch", picture]]);
  assert.deepEqual(load.pen, [10, 20]);
  assert.equal(outbox.full, false);
  assert.deepEqual(outbox.wanted, { prompt: "fox", seed: 3, steps: 2 });
});

test("what could not go is put back under what came since", () => {
  const outbox = new Outbox({});
  outbox.set({ seed: 1, steps: 2 });
  const load = outbox.take();
  outbox.set({ seed: 5 });
  outbox.putBack(load);
  assert.deepEqual(outbox.take().params, { seed: 5, steps: 2 });
});

test("an empty message has no id; others count up", () => {
  const outbox = new Outbox({});
  assert.equal(outbox.next({}, {}), null);
  assert.equal(outbox.next({}, { seed: 1 }), 1);
  assert.equal(outbox.nextId(), 2);
});

test("a fresh server hears what it does not have: params that differ, and each picture", () => {
  const outbox = new Outbox({ prompt: "fox", seed: 1, palette: ["#ffffff"] });
  outbox.keep({ sketch: picture });
  outbox.opened(7, { prompt: "", seed: 1, palette: ["#ffffff"] });
  assert.equal(outbox.lastId, 7);
  const load = outbox.take();
  assert.deepEqual(load.params, { prompt: "fox" });
  assert.deepEqual([...load.sources.keys()], ["sketch"]);
});

test("an empty picture is one that was taken away", () => {
  const outbox = new Outbox({});
  outbox.keep({ sketch: picture });
  assert.equal(outbox.has("sketch"), true);
  outbox.keep({ sketch: new Uint8Array() });
  assert.equal(outbox.has("sketch"), false);
});

test("a refused param goes back to what was accepted", () => {
  const outbox = new Outbox({});
  const first = outbox.next({}, { seed: 1 });
  outbox.wanted["seed"] = 1;
  outbox.acked(first as number);
  outbox.set({ seed: -5 });
  const second = outbox.next({}, outbox.take().params);
  assert.deepEqual(outbox.refused(second as number, "invalid_params"), { seed: -5 });
  assert.equal(outbox.wanted["seed"], 1);
});

test("of several params that were refused together, each is said alone", () => {
  const outbox = new Outbox({});
  outbox.set({ seed: -5, steps: 4 });
  const id = outbox.next({}, outbox.take().params) as number;
  assert.deepEqual(outbox.refused(id, "invalid_params"), {});
  const alone = [outbox.take().params, outbox.take().params];
  assert.deepEqual(alone, [{ seed: -5 }, { steps: 4 }]);
  assert.equal(outbox.full, false);
});

test("a LoRA that is gone is asked for no more, and ends no session that starts afresh", () => {
  const outbox = new Outbox({ prompt: "fox", loras: { dark: 1 } });
  outbox.set({ loras: { dark: 1, light: 0.5 } });
  assert.deepEqual(outbox.opening, { prompt: "fox" });
  outbox.keepLoras(["light"]);
  assert.deepEqual(outbox.wanted, { prompt: "fox", loras: { light: 0.5 } });
  assert.deepEqual(outbox.take().params, { loras: { light: 0.5 } });
  outbox.opened(3, { prompt: "fox", loras: {} });
  assert.deepEqual(outbox.take().params, { loras: { light: 0.5 } }, "said after the start");
});
