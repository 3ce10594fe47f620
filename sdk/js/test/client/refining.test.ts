/** One refine at a time: answered, failed, superseded, or asked again after a break. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelInfo } from "../../src/client/protocol.ts";
import type { Film } from "../../src/client/refining.ts";
import { Refining } from "../../src/client/refining.ts";
import type { Frame } from "../../src/client/session.ts";
import { LivedraftError } from "../../src/errors.ts";

const frame = (id: number): Frame => ({ id }) as Frame;
const model = (id: string, ...kinds: string[]): ModelInfo =>
  ({ id, inputs: [], outputs: kinds.map((kind) => ({ name: kind, kind })) }) as unknown as ModelInfo;
const INK = model("ink", "image");
const WAN = model("wan", "video");

test("the final frame of its id answers it, no other", async () => {
  const refining = new Refining();
  const asked = refining.ask({ steps: 4 }, "picture", false);
  assert.deepEqual([refining.waiting, refining.running], [true, true]);
  assert.deepEqual(refining.sent(3, INK), { params: { steps: 4 } });
  assert.deepEqual([refining.waiting, refining.running], [false, true]);
  assert.equal(refining.done(frame(2)), false);
  assert.equal(refining.done(frame(3)), true);
  assert.equal((await asked).id, 3);
  assert.equal(refining.running, false);
});

test("another one, or anything newer, gives it up", async () => {
  const refining = new Refining();
  const first = refining.ask({}, "picture", false);
  const second = refining.ask({}, "picture", false);
  await assert.rejects(first, { code: "superseded", retryable: true });
  refining.superseded(); // not sent yet: what is newer goes with it
  assert.equal(refining.running, true);
  refining.sent(1, INK);
  refining.superseded();
  await assert.rejects(second, { code: "superseded" });
});

test("an error of its id ends it; a lost connection asks again", async () => {
  const refining = new Refining();
  const asked = refining.ask({}, "picture", false);
  refining.sent(1, INK);
  refining.opened();
  assert.equal(refining.waiting, true);
  refining.sent(2, INK);
  refining.failed(1, new LivedraftError({ code: "engine", message: "of before" }));
  assert.equal(refining.running, true);
  refining.failed(2, new LivedraftError({ code: "engine", message: "failed" }));
  await assert.rejects(asked, { code: "engine" });
});

test("a closed session refuses it at once", async () => {
  await assert.rejects(new Refining().ask({}, "picture", true), { code: "session_closed", fix: "connect again" });
});

test("the model that finishes goes along, also as it is again the one that drafts", async () => {
  const refining = new Refining("large");
  void refining.ask({}, "picture", false).catch(() => undefined);
  assert.deepEqual(refining.sent(1, INK), { params: {}, refine_model: "large" });
  refining.use("");
  assert.equal(refining.model, "");
  assert.deepEqual(refining.sent(2, INK), { params: {}, refine_model: "ink" });
  refining.use("small");
  assert.deepEqual(refining.sent(3, INK), { params: {}, refine_model: "small" });
  refining.giveUp();
});

test("a server that hears no wishes: a model of video or sound alone is refused here, unless another one finishes", async () => {
  const fault = { code: "invalid_params", message: /wan makes no picture/, fix: /film\(\)/ };
  for (const finisher of ["", "wan"]) {
    const refining = new Refining(finisher);
    const asked = refining.ask({}, "picture", false);
    assert.equal(refining.sent(1, WAN), null);
    await assert.rejects(asked, fault);
  }
  const other = new Refining("large");
  void other.ask({}, "either", false).catch(() => undefined);
  assert.deepEqual(other.sent(1, WAN), { params: {}, refine_model: "large" });
  other.giveUp();
  const film = new Refining();
  const asked = film.ask({}, "file", false);
  assert.equal(film.sent(1, WAN), null);
  await assert.rejects(asked, { code: "version_mismatch", fix: /films/ });
});

test("a server that does is told what is wanted, and its film is a file", async () => {
  const refining = new Refining();
  refining.opened(["films"]);
  const asked = refining.ask({ steps: 2 }, "file", false) as Promise<Film>;
  assert.deepEqual(refining.sent(3, WAN), { params: { steps: 2 }, wants: "file" });
  const about = { id: 3, model: "wan", seed: 7, params: {}, width: 64, height: 64, frames: 9, duration: 562_500 };
  const kind = { type: "film", mime: "video/mp4" } as const;
  const message = { ...kind, ...about, data: new Uint8Array([1, 2]), notes: [], about: {} };
  refining.filmed({ ...message, id: 2 });
  assert.equal(refining.running, true, "another one's");
  refining.filmed({ ...message, notes: [] });
  const film = await asked;
  assert.deepEqual([film.file.type, film.file.size, film.frames, film.seed], ["video/mp4", 2, 9, 7]);
  assert.equal(refining.running, false);
});
