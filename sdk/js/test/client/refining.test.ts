/** One refine at a time: answered, failed, superseded, or asked again after a break. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Refining } from "../../src/client/refining.ts";
import type { Frame } from "../../src/client/session.ts";
import { LivedraftError } from "../../src/errors.ts";

const frame = (id: number): Frame => ({ id }) as Frame;

test("the final frame of its id answers it, no other", async () => {
  const refining = new Refining();
  const asked = refining.ask({ steps: 4 }, false);
  assert.deepEqual([refining.waiting, refining.running], [true, true]);
  assert.deepEqual(refining.sent(3), { steps: 4 });
  assert.deepEqual([refining.waiting, refining.running], [false, true]);
  assert.equal(refining.done(frame(2)), false);
  assert.equal(refining.done(frame(3)), true);
  assert.equal((await asked).id, 3);
  assert.equal(refining.running, false);
});

test("another one, or anything newer, gives it up", async () => {
  const refining = new Refining();
  const first = refining.ask({}, false);
  const second = refining.ask({}, false);
  await assert.rejects(first, { code: "superseded", retryable: true });
  refining.superseded(); // not sent yet: what is newer goes with it
  assert.equal(refining.running, true);
  refining.sent(1);
  refining.superseded();
  await assert.rejects(second, { code: "superseded" });
});

test("an error of its id ends it; a lost connection asks again", async () => {
  const refining = new Refining();
  const asked = refining.ask({}, false);
  refining.sent(1);
  refining.again();
  assert.equal(refining.waiting, true);
  refining.sent(2);
  refining.failed(1, new LivedraftError({ code: "engine", message: "of before" }));
  assert.equal(refining.running, true);
  refining.failed(2, new LivedraftError({ code: "engine", message: "failed" }));
  await assert.rejects(asked, { code: "engine" });
});

test("a closed session refuses it at once", async () => {
  await assert.rejects(new Refining().ask({}, true), { code: "session_closed", fix: "connect again" });
});
