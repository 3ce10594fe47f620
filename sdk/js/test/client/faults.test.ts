/** What fails on its way is told once, and holds nothing else up. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import { frame, opened } from "./stand_ins.ts";

const picture = new Uint8Array([1]);

test("a picture that cannot be decoded is told, confirmed, and in nobody's way", async () => {
  const [session, browser, socket] = await opened();
  const told: string[] = [];
  session.on("error", ({ code }) => told.push(code));
  const { decode } = browser;
  browser.decode = () => Promise.reject(new DOMException("damaged"));
  socket.say(frame(1, 1));
  await browser.pass();
  browser.decode = decode;
  socket.say(frame(2, 2));
  await browser.pass();
  assert.deepEqual(told, ["decode"]);
  const acks = socket.received.filter(({ type }) => type === "ack");
  assert.deepEqual(
    acks.map(({ seq }) => seq),
    [1, 2],
  );
});

test("a drawing that cannot be encoded is told, and the params that came with it go", async () => {
  const encode = (): Promise<never> => Promise.reject(new LivedraftError({ code: "encode", message: "no" }));
  const [session, browser, socket] = await opened({}, { encode });
  const told: string[] = [];
  session.on("error", ({ code }) => told.push(code));
  session.send({ sketch: picture });
  session.set({ prompt: "fox" });
  await browser.pass();
  assert.deepEqual(told, ["encode"]);
  assert.deepEqual(socket.take(), [{ type: "params", id: 1, params: { prompt: "fox" } }]);
});

test("a line that breaks while a drawing is encoded loses nothing of it", async () => {
  let done: (bytes: Uint8Array) => void = () => undefined;
  const encode = (): Promise<Uint8Array> => new Promise((resolve) => (done = resolve));
  const [session, browser, socket] = await opened({}, { encode });
  session.send({ sketch: picture });
  session.set({ prompt: "fox" });
  await browser.pass();
  socket.break();
  done(picture);
  await browser.pass();
  assert.deepEqual(socket.take(), []);
  assert.equal(session.allSent, false);
});

test("what is called off is neither sent nor waited for", async () => {
  const [session, browser, socket] = await opened();
  const refined = session.refine();
  session.send({ sketch: picture });
  session.cancel();
  await assert.rejects(refined, { code: "superseded" });
  await browser.pass();
  assert.deepEqual(socket.take(), [{ type: "cancel" }]);
  assert.equal(session.state, "open");
});
