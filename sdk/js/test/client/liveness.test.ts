/** A session notices a line that broke without a sign, and comes back; it never storms a server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveSession } from "../../src/client/session.ts";
import type { LivedraftError } from "../../src/errors.ts";
import { Browser, frame, OPENED, opened, start } from "./stand_ins.ts";

const picture = (n: number): Uint8Array => new Uint8Array([n]);

/** Collect the codes of a session's errors. */
function faults(session: LiveSession): string[] {
  const codes: string[] = [];
  session.on("error", (error: LivedraftError) => codes.push(error.code));
  return codes;
}

/** Let time pass in small steps until something holds; return how long it took, ms. */
async function until(browser: Browser, holds: () => boolean, longest = 120_000): Promise<number> {
  for (let ms = 0; ms < longest; ms += 100) {
    if (holds()) return ms;
    await browser.pass(100);
  }
  return Infinity;
}

test("a slow model is asked after and not given up, however long it takes", async () => {
  const [session, browser, socket] = await opened();
  session.send({ sketch: picture(1) });
  await browser.pass();
  let pings = 0;
  for (let s = 0; s < 300; s++) {
    await browser.pass(1000);
    for (const { type } of socket.take()) {
      if (type !== "ping") continue;
      pings += 1;
      socket.say({ type: "pong" });
    }
  }
  assert.deepEqual([session.state, browser.sockets.length], ["generating", 1]);
  assert.ok(pings > 50 && pings < 150, String(pings));
  socket.say(frame(1, 1));
  await browser.pass();
  assert.equal(session.state, "open");
});

test("silence while an answer is due is noticed within seconds, and the drawing goes again", async () => {
  const [session, browser] = await opened();
  session.send({ sketch: picture(7) });
  await browser.pass();
  assert.ok((await until(browser, () => browser.sockets.length === 2)) < 8000);
  browser.latest.accept();
  assert.equal(browser.latest.take()[0]?.["resume"], "secret");
  browser.latest.say({ ...OPENED, resumed: true, last_id: 1 });
  await browser.pass();
  assert.deepEqual(browser.latest.take(), [{ type: "input", id: 2, inputs: { sketch: picture(7) }, params: {} }]);
  assert.notEqual(browser.sockets[0]?.closed, 1000, "that would end the session that is resumed");
});

test("after a sleep the page is live again within seconds, by whichever sign comes first", async () => {
  for (const sign of ["wake", "draw", "nothing"]) {
    const [session, browser] = await opened();
    browser.sleep(3_600_000);
    if (sign === "wake") await browser.wake();
    if (sign === "draw") session.send({ sketch: picture(1) });
    const ms = await until(browser, () => browser.sockets.length === 2);
    assert.ok(ms <= (sign === "nothing" ? 25_000 : 5000), `${sign}: ${ms}`);
  }
});

test("a line that lives is kept over a wake, and over timers that come late", async () => {
  const [session, browser, socket] = await opened();
  await browser.wake();
  assert.deepEqual(socket.take(), [{ type: "ping" }]);
  socket.say({ type: "pong" });
  await browser.pass(60_000); // a page in the background, or a machine that stood still
  assert.deepEqual(socket.take(), [{ type: "ping" }]);
  await browser.pass(60_000);
  assert.deepEqual(socket.take(), [{ type: "ping" }], "the answer may only wait to be read");
  socket.say({ type: "pong" });
  await browser.pass(1000);
  assert.deepEqual([session.state, browser.sockets.length], ["open", 1]);
});

test("a slow line has time for what it carries", async () => {
  const [session, browser, socket] = await opened();
  session.send({ sketch: new Uint8Array(1_000_000) });
  await browser.pass();
  for (let s = 0; s < 25; s++) await browser.pass(1000);
  assert.equal(browser.sockets.length, 1);
  socket.say({ type: "pong" });
  assert.equal(session.state, "generating");
});

test("a server that accepts and never answers is left, again and again, and named", async () => {
  const browser = new Browser();
  const session = start(browser);
  const codes = faults(session);
  await browser.pass();
  for (let n = 1; n <= 4; n++) {
    assert.ok((await until(browser, () => browser.latest.readyState === 0)) < Infinity);
    browser.latest.accept();
    await until(browser, () => browser.sockets.length > n);
  }
  assert.deepEqual([browser.sockets.length, codes, session.state], [5, ["connect_failed"], "connecting"]);
});

test("a server that warms up answers pings, and is waited for", async () => {
  const browser = new Browser();
  const session = start(browser);
  await browser.pass();
  const socket = browser.latest;
  socket.accept();
  for (let s = 0; s < 120; s++) {
    await browser.pass(1000);
    if (socket.take().some(({ type }) => type === "ping")) socket.say({ type: "pong" });
  }
  socket.say(OPENED);
  assert.deepEqual([session.state, browser.sockets.length], ["open", 1]);
});

test("a socket that never opens is given up", async () => {
  const browser = new Browser();
  start(browser);
  assert.ok((await until(browser, () => browser.sockets.length === 3)) < 25_000);
});

test("a connection that was begun before a sleep is begun anew", async () => {
  const browser = new Browser();
  start(browser);
  await browser.pass();
  browser.sleep(60_000);
  await browser.wake();
  assert.equal(browser.sockets.length, 2);
});

test("a token that fails to come is asked for again, and told after three times", async () => {
  for (const token of [
    () => {
      throw new Error("offline");
    },
    () => Promise.reject(new Error("401")),
    () => new Promise<string>(() => undefined),
  ]) {
    const browser = new Browser();
    let asked = 0;
    const session = start(browser, {}, undefined, { token: () => (++asked < 5 ? token() : "at last") });
    const codes = faults(session);
    await until(browser, () => browser.sockets.length === 1);
    assert.deepEqual([asked, codes], [5, ["unauthorized"]]);
    browser.latest.accept();
    assert.equal(browser.latest.take()[0]?.["token"], "at last");
  }
});

test("an address that can be none is an error and no exception", async () => {
  for (const url of ["http://", "http://[", "ftp://x"]) {
    const browser = new Browser();
    browser.socket = (address?: string) => new WebSocket(address ?? "");
    const session = start(browser, {}, undefined, { url });
    const codes = faults(session);
    await browser.pass();
    assert.deepEqual([codes, session.state], [["connect_failed"], "closed"], url);
  }
});

test("a server that opens and breaks is not stormed, and named; a good while makes up for it", async () => {
  const browser = new Browser();
  const session = start(browser);
  const codes = faults(session);
  const flap = async (ms: number): Promise<void> => {
    const { length } = browser.sockets;
    await until(browser, () => browser.latest?.readyState === 0);
    browser.latest.accept();
    browser.latest.say(OPENED);
    for (let s = 0; s < ms; s += 1000) {
      await browser.pass(Math.min(1000, ms));
      browser.latest.say({ type: "pong" });
    }
    browser.latest.break();
    await until(browser, () => browser.sockets.length > length);
  };
  const begun = browser.now();
  await browser.pass();
  for (let n = 0; n < 10; n++) await flap(0);
  assert.ok(browser.now() - begun > 35_000);
  assert.deepEqual(codes, ["connect_failed"]);
  const before = browser.now();
  await flap(11_000);
  assert.ok(browser.now() - before < 12_000);
});

test("an idle place is given up until the user does something, and then resumed", async () => {
  for (const act of ["send", "set", "refine"] as const) {
    const [session, browser, socket] = await opened();
    session.send({ sketch: picture(1) });
    await browser.pass();
    socket.say(frame(1, 1));
    await browser.pass();
    socket.say({ type: "close", code: "idle", reason: "others wait" });
    socket.break(4408);
    await browser.pass(600_000);
    await browser.wake();
    assert.deepEqual([session.state, browser.sockets.length], ["idle", 1]);
    if (act === "send") session.send({ sketch: picture(2) });
    else if (act === "set") session.set({ prompt: "again" });
    else void session.refine();
    await browser.pass();
    assert.equal(session.state, "reconnecting");
    browser.latest.accept();
    assert.equal(browser.latest.take()[0]?.["resume"], "secret");
    browser.latest.say({ ...OPENED, resumed: true, last_id: 1 });
    await browser.pass();
    const types = browser.latest.take().map(({ type }) => type);
    assert.deepEqual(types, act === "refine" ? ["input", "refine"] : ["input"]);
  }
});

test("out of sight an idle place is asked for again only when it is seen", async () => {
  const [session, browser, socket] = await opened();
  socket.break(4408);
  session.pause();
  session.send({ sketch: picture(1) });
  await browser.pass(1000);
  assert.equal(browser.sockets.length, 1);
  session.resume();
  await browser.pass();
  assert.equal(browser.sockets.length, 2);
});

test("a fresh session that is unknown does not storm the server", async () => {
  const browser = new Browser();
  start(browser);
  await browser.pass();
  for (let n = 0; n < 5; n++) {
    browser.latest.accept();
    browser.latest.say({ type: "error", code: "session_unknown", message: "?", fatal: true });
    browser.latest.break(4404);
    await browser.pass(0);
  }
  assert.equal(browser.sockets.length, 1);
});
