/** A session sends the newest, keeps two in flight, and loses nothing over a break. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { State } from "../../src/client/session.ts";
import type { LivedraftError } from "../../src/errors.ts";
import { Browser, frame, OPENED, opened, start } from "./stand_ins.ts";

const picture = (n: number): Uint8Array => new Uint8Array([n]);

test("it opens with model, params and token", async () => {
  const browser = new Browser();
  start(browser, { prompt: "fox" });
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take(), [
    { type: "open", v: 1, model: "", params: { prompt: "fox" }, accept: [], token: "t", resume: "" },
  ]);
});

test("changes of one frame go as one message, the newest of each", async () => {
  const [session, browser, socket] = await opened();
  session.set({ prompt: "a" });
  session.send({ sketch: picture(1) });
  session.set({ prompt: "ab", strength: 0.5 });
  session.send({ sketch: picture(2) });
  await browser.pass();
  assert.deepEqual(socket.take(), [
    { type: "input", id: 1, inputs: { sketch: picture(2) }, params: { prompt: "ab", strength: 0.5 } },
  ]);
});

test("at most two are in flight; the newest goes when one is answered", async () => {
  const [session, browser, socket] = await opened();
  for (let n = 1; n <= 5; n++) {
    session.send({ sketch: picture(n) });
    await browser.pass();
  }
  assert.equal(socket.take().length, 2);
  socket.say(frame(1, 1));
  await browser.pass();
  await browser.pass(200);
  assert.deepEqual(
    socket.take().map((message) => message["inputs"]),
    [{ sketch: picture(5) }],
  );
});

test("each frame is confirmed, and only the newest is shown", async () => {
  const [session, browser, socket] = await opened();
  const ids: number[] = [];
  session.on("frame", ({ id }) => ids.push(id));
  socket.say(frame(2, 2));
  socket.say(frame(2, 1));
  await browser.pass();
  assert.deepEqual(ids, [2]);
  assert.ok(socket.received.some((message) => message["type"] === "ack" && message["seq"] === 2));
});

test("a break is resumed, and the drawing goes again", async () => {
  const [session, browser, socket] = await opened();
  const states: State[] = [];
  session.on("state", (state) => states.push(state));
  session.send({ sketch: picture(7) });
  await browser.pass();
  socket.break();
  session.set({ prompt: "drawn meanwhile" });
  await browser.pass(300);
  browser.latest.accept();
  assert.equal(browser.latest.take()[0]?.["resume"], "secret");
  browser.latest.say({ ...OPENED, resumed: true, last_id: 10 });
  await browser.pass();
  assert.deepEqual(browser.latest.take(), [
    { type: "input", id: 11, inputs: { sketch: picture(7) }, params: { prompt: "drawn meanwhile" } },
  ]);
  assert.deepEqual(states.slice(0, 3), ["generating", "reconnecting", "open"]);
});

test("where the server forgot the session, a fresh one gets params and drawing", async () => {
  const [session, browser, socket] = await opened({ prompt: "fox" });
  const errors: LivedraftError[] = [];
  session.on("error", (error) => errors.push(error));
  session.send({ sketch: picture(7) });
  await browser.pass();
  socket.break();
  await browser.pass(300);
  browser.latest.accept();
  browser.latest.say({ type: "error", code: "session_unknown", message: "gone", fatal: true });
  browser.latest.break(4404);
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take()[0]?.["params"], { prompt: "fox" });
  browser.latest.say({ ...OPENED, params: { prompt: "fox", seed: 42 } });
  await browser.pass();
  assert.deepEqual(
    browser.latest.take().map((message) => message["inputs"]),
    [{ sketch: picture(7) }],
  );
  assert.deepEqual(errors, []);
});

test("a refusal for good ends the session with its error; no further attempt is made", async () => {
  const browser = new Browser();
  const session = start(browser);
  const errors: string[] = [];
  session.on("error", ({ code }) => errors.push(code));
  await browser.pass();
  browser.latest.accept();
  browser.latest.say({ type: "error", code: "unauthorized", message: "no", fatal: true });
  browser.latest.break(4401);
  await browser.pass(60_000);
  assert.deepEqual([errors, session.state, browser.sockets.length], [["unauthorized"], "closed", 1]);
});

test("a silent server is named after three attempts, and tried on", async () => {
  const browser = new Browser();
  const session = start(browser);
  const errors: string[] = [];
  session.on("error", ({ code }) => errors.push(code));
  for (let attempt = 0; attempt < 5; attempt++) {
    await browser.pass(8000);
    browser.latest.break();
  }
  assert.deepEqual([errors, session.state], [["connect_failed"], "connecting"]);
  assert.ok(browser.sockets.length >= 5);
});

test("refused params are forgotten, the picture that came with them goes again", async () => {
  const [session, browser, socket] = await opened();
  session.set({ strength: 9 });
  session.send({ sketch: picture(1) });
  await browser.pass();
  socket.take();
  socket.say({ type: "error", code: "invalid_params", message: "strength", id: 1 });
  await browser.pass();
  assert.deepEqual(socket.take(), [{ type: "input", id: 2, inputs: { sketch: picture(1) }, params: {} }]);
  assert.equal("strength" in session.params, false);
});

test("a refused value gives way to the one that was in force, and is named", async () => {
  const [session, browser, socket] = await opened({ seed: 42 });
  const refusals: unknown[] = [];
  session.on("refused", ({ refused }) => refusals.push(refused));
  session.set({ strength: 0.5 });
  await browser.pass();
  socket.say({ type: "ack", id: 1, params: { strength: 0.5 } });
  for (const [id, bad] of [
    [2, { strength: 9 }],
    [3, { seed: -1 }],
  ] as const) {
    session.set(bad);
    await browser.pass();
    socket.say({ type: "error", code: "invalid_params", message: "no", id });
    await browser.pass();
  }
  assert.deepEqual(session.params, { seed: 42, strength: 0.5 });
  assert.deepEqual(refusals, [{ strength: 9 }, { seed: -1 }]);
});

test("one bad param among good ones is found and forgotten", async () => {
  const [session, browser, socket] = await opened();
  session.set({ style: "falt", prompt: "fox" });
  await browser.pass();
  socket.say({ type: "error", code: "invalid_params", message: "style", id: 1 });
  await browser.pass();
  await browser.pass(200);
  assert.deepEqual(
    socket
      .take()
      .slice(1)
      .map(({ params }) => params),
    [{ style: "falt" }, { prompt: "fox" }],
  );
  socket.say({ type: "error", code: "invalid_params", message: "style", id: 2 });
  await browser.pass();
  assert.deepEqual(session.params, { prompt: "fox" });
});

test("a refine goes after what was pending and resolves with its final frame", async () => {
  const [session, browser, socket] = await opened();
  session.send({ sketch: picture(1) });
  const refined = session.refine({ steps: 8 });
  await browser.pass();
  assert.deepEqual(
    socket.take().map(({ type, id }) => [type, id]),
    [
      ["input", 1],
      ["refine", 2],
    ],
  );
  socket.say(frame(2, 1, { stage: "preview" }));
  socket.say(frame(2, 2, { stage: "final" }));
  await browser.pass();
  assert.equal((await refined).id, 2);
  assert.equal(session.state, "open");
});

test("a refine goes after the ink that came while older ink was encoded", async () => {
  let encoded = (): void => undefined;
  const slow = {
    encode: (source: unknown) => new Promise<Uint8Array>((resolve) => (encoded = () => resolve(source as Uint8Array))),
  };
  const [session, browser, socket] = await opened({}, slow);
  session.send({ sketch: new Uint8Array([1]) });
  await browser.pass();
  session.send({ sketch: new Uint8Array([2]) });
  const final = session.refine();
  encoded();
  await browser.pass();
  encoded();
  await browser.pass();
  const said = socket.take();
  assert.deepEqual(
    said.map((message) => message["type"]),
    ["input", "input", "refine"],
  );
  socket.say(frame(said[2]!["id"] as number, 1, { stage: "final" }));
  assert.equal((await final).stage, "final");
});

test("anything newer supersedes a refine; an error of its id fails it", async () => {
  const [session, browser, socket] = await opened();
  const first = assert.rejects(session.refine(), { code: "superseded" });
  await browser.pass();
  session.set({ seed: 1 });
  await browser.pass();
  await first;
  const second = assert.rejects(session.refine(), { code: "model_failed" });
  await browser.pass();
  socket.say({ type: "error", code: "model_failed", message: "NaN", id: session.lastId });
  await second;
});

test("a refine outlives a break", async () => {
  const [session, browser, socket] = await opened();
  const refined = session.refine();
  await browser.pass();
  socket.break();
  await browser.pass(300);
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say({ ...OPENED, resumed: true, last_id: 4 });
  await browser.pass();
  assert.deepEqual(browser.latest.take(), [{ type: "refine", id: 5, params: {} }]);
  browser.latest.say(frame(5, 1, { stage: "final" }));
  assert.equal((await refined).id, 5);
});

test("out of sight nothing is sent, back in sight the newest", async () => {
  const [session, browser, socket] = await opened();
  session.pause();
  session.send({ sketch: picture(1) });
  await browser.pass();
  assert.deepEqual(socket.take(), []);
  session.resume();
  await browser.pass();
  assert.equal(socket.take().length, 1);
});

test("pen to pixel counts from the middle of the ink to the frame after the picture was drawn", async () => {
  const [session, browser, socket] = await opened();
  const measured: (number | null)[] = [];
  session.on("shown", ({ penToPixelMs }) => measured.push(penToPixelMs));
  const pen = browser.now();
  session.send({ sketch: picture(1) }, pen);
  session.send({ sketch: picture(2) }, pen + 8);
  await browser.pass(16);
  await browser.pass(40);
  socket.say(frame(1, 1));
  await browser.pass(0);
  await browser.pass(14);
  assert.deepEqual(measured, [66]);
});

test("a bad message from the server is an error, and the session lives", async () => {
  const [session, browser, socket] = await opened();
  const errors: string[] = [];
  session.on("error", ({ code }) => errors.push(code));
  socket.say({ type: "weather" }); // of a newer server: passed over
  socket.say({ type: "close", code: 7 });
  await browser.pass();
  assert.deepEqual([errors, session.state], [["bad_message"], "open"]);
});

test("closing says goodbye and stays closed", async () => {
  const [session, browser, socket] = await opened();
  const refined = assert.rejects(session.refine());
  session.close();
  await refined;
  assert.deepEqual(socket.take(), [{ type: "close", code: "done" }]);
  socket.break(1000);
  await browser.pass(60_000);
  assert.deepEqual([session.state, browser.sockets.length], ["closed", 1]);
  await assert.rejects(session.refine(), { code: "session_closed" });
});
