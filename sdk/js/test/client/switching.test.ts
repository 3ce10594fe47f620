/** A live session changes its model: in its place, over breaks, and not at all where it is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveSession } from "../../src/client/session.ts";
import type { LivedraftError } from "../../src/errors.ts";
import type { Encoder, Target } from "../../src/media/encode.ts";
import type { Socket } from "./stand_ins.ts";
import { Browser, frame, OPENED, start } from "./stand_ins.ts";

const INPUT = { name: "sketch", width: 8, height: 8, alpha: true, required: true };
const LARGE = { id: "large", inputs: [{ ...INPUT, name: "drawing", width: 64, height: 64 }] };
const OFFERED = { ...OPENED, features: ["models"] };
const picture = (n: number): Uint8Array => new Uint8Array([n]);

/** A test double that writes down how large it was asked to encode. */
class Sizes implements Encoder {
  readonly widths: number[] = [];
  async encode(source: unknown, { width }: Target): Promise<Uint8Array> {
    this.widths.push(width);
    return source as Uint8Array;
  }
}

/** Return an open session of a server that changes models, its browser, its socket and its encoder. */
async function ready(params: Record<string, unknown> = {}): Promise<[LiveSession, Browser, Socket, Sizes]> {
  const [browser, sizes] = [new Browser(), new Sizes()];
  const session = start(browser, params, sizes, { models: true });
  await reopen(browser, { params: { ...OPENED.params, ...params } });
  return [session, browser, browser.latest, sizes];
}

async function reopen(browser: Browser, more: object = {}): Promise<Record<string, unknown>> {
  await browser.pass();
  browser.latest.accept();
  const [open] = browser.latest.take();
  browser.latest.say({ ...OFFERED, ...more });
  await browser.pass();
  return open!;
}

const told = (id: number, more: object = {}): Record<string, unknown> => ({
  type: "switched",
  id,
  model: LARGE,
  params: { prompt: "", seed: 42, steps: 4 },
  tracks: [],
  ...more,
});

const refusal = (id: number, code: string): Record<string, unknown> => ({
  type: "error",
  id,
  code,
  message: "no",
  fix: "",
  retryable: true,
  fatal: false,
});

test("the feature is asked for, and the change is told with all that is in force", async () => {
  const [session, browser, socket] = await ready();
  const events: string[] = [];
  session.on("switched", ({ model }) => events.push(model.id));
  session.send({ sketch: picture(1) });
  await browser.pass();
  socket.take();
  const change = session.switch("large", { steps: 4 }, { drawing: picture(9) });
  await browser.pass();
  assert.deepEqual(socket.take(), [
    { type: "switch", id: 2, model: "large", params: { steps: 4 }, inputs: { drawing: picture(9) } },
  ]);
  assert.equal(session.state, "generating");
  assert.equal(session.allSent, false);
  socket.say(told(2));
  assert.deepEqual([(await change).model.id, events, session.model?.id], ["large", ["large"], "large"]);
  assert.deepEqual([session.params, session.lastId, session.state], [{ steps: 4 }, 2, "generating"]);
  socket.say(frame(2, 1, { model: "large" }));
  await browser.pass();
  assert.deepEqual([session.allSent, session.state], [true, "open"]);
  assert.deepEqual(socket.take(), [], "nothing goes twice");
});

test("a session asks for the feature where it is to, and an older server is told apart", async () => {
  const browser = new Browser();
  const session = start(browser, {}, new Sizes(), { models: true });
  const early = assert.rejects(session.switch("large"), { code: "version_mismatch" });
  const open = await reopen(browser, { features: ["loras"] });
  assert.deepEqual(open["features"], ["models"]);
  await early;
  assert.equal(session.switches, false);
  await assert.rejects(session.switch("large"), { code: "version_mismatch" });
  session.close();
  await assert.rejects(session.switch("large"), { code: "session_closed" });
});

test("what is drawn and set meanwhile waits, and goes to the new model by its names and at its size", async () => {
  const [session, browser, socket, sizes] = await ready({ prompt: "fox", strength: 0.5 });
  void session.switch("large");
  await browser.pass();
  assert.deepEqual(socket.take(), [{ type: "switch", id: 1, model: "large", params: {} }]);
  session.send({ sketch: picture(5) });
  session.set({ strength: 0.9, seed: 7 });
  await browser.pass();
  assert.deepEqual(socket.take(), []);
  socket.say(told(1, { params: { prompt: "fox", seed: 42 } }));
  await browser.pass();
  assert.deepEqual(socket.take(), [{ type: "input", id: 2, inputs: { drawing: picture(5) }, params: { seed: 7 } }]);
  assert.deepEqual(sizes.widths, [64]);
  assert.deepEqual(session.params, { prompt: "fox", seed: 7 }, "what it does not take is wanted no more");
});

test("pictures of the model before are confirmed and not shown, those that came before it was told are", async () => {
  const [session, browser, socket] = await ready();
  const shown: number[] = [];
  const pieces: string[] = [];
  session.on("frame", ({ id }) => shown.push(id));
  session.on("media", ({ track }) => pieces.push(track));
  session.send({ sketch: picture(1) });
  await browser.pass();
  void session.switch("large");
  await browser.pass();
  socket.say(frame(1, 1));
  await browser.pass();
  socket.say(frame(1, 2)); // still being decoded when the model is another
  socket.say(told(2));
  socket.say(frame(1, 3));
  const piece = { track: "video", pts: 0, duration: 1, codec: "jpeg", data: picture(1) };
  socket.say({ type: "media", id: 1, seq: 4, ...piece });
  await browser.pass();
  assert.deepEqual([shown, pieces], [[1], []]);
  socket.say({ type: "media", id: 2, seq: 5, ...piece });
  socket.say(frame(2, 6, { model: "large" }));
  await browser.pass();
  assert.deepEqual([shown, pieces], [[1, 2], ["video"]]);
  const confirmed = socket.received.filter(({ type }) => type === "ack").map(({ seq }) => seq);
  assert.deepEqual([...confirmed].sort(), [1, 2, 3, 4, 6]);
});

test("a refine of the model before is superseded; one that was not sent is the new model's", async () => {
  const [session, browser, socket] = await ready();
  const before = session.refine();
  await browser.pass();
  void session.switch("large");
  await browser.pass();
  socket.take();
  socket.say(told(2));
  await assert.rejects(before, { code: "superseded" });
  void session.switch("echo");
  await browser.pass();
  const after = session.refine();
  await browser.pass();
  assert.deepEqual(
    socket.take().map(({ type }) => type),
    ["switch"],
  );
  socket.say(told(3, { model: OPENED.model }));
  await browser.pass();
  assert.deepEqual(
    socket.take().map(({ type, id }) => [type, id]),
    [["refine", 4]],
  );
  socket.say(frame(4, 1, { stage: "final" }));
  assert.equal((await after).id, 4);
});

test("what is refused leaves the session as it was, and is told", async () => {
  const [session, browser, socket] = await ready({ prompt: "fox" });
  const errors: LivedraftError[] = [];
  session.on("error", (error) => errors.push(error));
  session.send({ sketch: picture(1) });
  await browser.pass();
  socket.say(frame(1, 1));
  await browser.pass();
  for (const [id, code] of [
    [2, "server_busy"],
    [3, "model_not_found"],
    [4, "invalid_params"],
  ] as const) {
    const change = session.switch("large", { steps: 99 });
    await browser.pass();
    socket.say(refusal(id, code));
    await assert.rejects(change, { code, id });
  }
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["server_busy", "model_not_found", "invalid_params"],
  );
  assert.deepEqual([session.model?.id, session.params, session.state], ["echo", { prompt: "fox" }, "open"]);
  assert.equal(session.lastId, 1, "the picture on show is still of all that was asked for");
  socket.take();
  session.send({ sketch: picture(2) });
  await browser.pass();
  assert.deepEqual(socket.take(), [{ type: "input", id: 5, inputs: { sketch: picture(2) }, params: {} }]);
});

test("the newest of several changes counts", async () => {
  const [session, browser, socket] = await ready();
  const unsent = session.switch("a");
  const sent = session.switch("b");
  await assert.rejects(unsent, { code: "superseded" });
  await browser.pass();
  const waits = session.switch("c");
  const newest = session.switch("large");
  await assert.rejects(waits, { code: "superseded" });
  socket.say(told(1, { model: { ...LARGE, id: "b" } }));
  assert.equal((await sent).model.id, "b");
  await browser.pass();
  assert.deepEqual(
    socket.take().map(({ model }) => model),
    ["b", "large"],
  );
  session.close();
  await assert.rejects(newest, { code: "session_closed" });
});

test("a session that is opened afresh has the model that it had last, with the drawing as it read it", async () => {
  const [session, browser, socket] = await ready();
  session.send({ sketch: picture(1) });
  await browser.pass();
  void session.switch("large", { steps: 4 }, { drawing: picture(9) });
  await browser.pass();
  socket.say(told(2));
  await browser.pass();
  socket.break();
  await browser.pass(300);
  browser.latest.accept();
  assert.equal(browser.latest.take()[0]?.["resume"], "secret");
  browser.latest.say({ ...refusal(0, "session_unknown"), id: null, fatal: true });
  browser.latest.break(4404);
  const open = await reopen(browser, { model: LARGE, params: { prompt: "", steps: 4 } });
  assert.deepEqual([open["model"], open["resume"], open["params"]], ["large", "", { steps: 4 }]);
  assert.deepEqual(browser.latest.take(), [{ type: "input", id: 1, inputs: { drawing: picture(9) }, params: {} }]);
});

test("a change that a break left unanswered is asked for again", async () => {
  const [session, browser, socket] = await ready();
  const change = session.switch("large");
  await browser.pass();
  socket.break();
  await browser.pass(300);
  await reopen(browser, { resumed: true, last_id: 4 });
  assert.deepEqual(browser.latest.take(), [{ type: "switch", id: 5, model: "large", params: {} }]);
  const newer = session.switch("small");
  browser.latest.break();
  await assert.rejects(Promise.all([browser.pass(600).then(() => reopen(browser, { resumed: true })), change]), {
    code: "superseded",
  });
  assert.equal(browser.latest.take()[0]?.["model"], "small");
  session.close();
  await assert.rejects(newer, { code: "session_closed" });
});

test("a change whose answer alone was lost is one all the same", async () => {
  const [session, browser, socket] = await ready({ prompt: "fox" });
  session.send({ sketch: picture(1) });
  await browser.pass();
  const change = session.switch("large", {}, { drawing: picture(9) });
  await browser.pass();
  socket.break();
  await browser.pass(300);
  await reopen(browser, { resumed: true, last_id: 2, model: LARGE, params: { prompt: "fox", steps: 1 } });
  assert.equal((await change).model.id, "large");
  assert.deepEqual(browser.latest.take(), [{ type: "input", id: 3, inputs: { drawing: picture(9) }, params: {} }]);
  assert.deepEqual(session.params, { prompt: "fox" });
});

test("moving pictures wait for the new model's tracks", async () => {
  const [session, browser, socket] = await ready();
  void session.switch("large");
  await browser.pass();
  socket.take();
  const piece = { pts: 0, duration: 1, codec: "jpeg", key: true, rate: 0, channels: 0, data: picture(1) };
  assert.equal(session.media.send("camera", piece as never, 0), false);
  const track = { name: "lens", way: "in", kind: "video", policy: "latest", codecs: ["jpeg"] };
  socket.say(told(1, { tracks: [track] }));
  assert.equal(session.media.track("in", "video")?.name, "lens");
  assert.equal(session.media.send("lens", piece as never, 0), true);
  assert.equal(socket.take().length, 1);
});
