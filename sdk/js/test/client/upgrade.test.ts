/** WebRTC takes an open session over, gives it back where it breaks, and costs nothing where it cannot be had. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveSession } from "../../src/client/session.ts";
import type { Socket } from "./stand_ins.ts";
import { Browser, OPENED, start } from "./stand_ins.ts";

const VIDEO = { name: "picture", way: "out", kind: "video", policy: "", codecs: ["rtp"] };
const PLAYS = { ...OPENED, features: ["media"], tracks: [VIDEO] };

/** Return a session that is open over the WebSocket, and what it tells of its way. */
async function playing(transport: "auto" | "websocket" = "auto"): Promise<[LiveSession, Browser, string[]]> {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { codecs: ["jpeg"], transport });
  const told: string[] = [];
  session.on("transport", ({ transport: by, why }) => told.push(`${by} ${why}`.trim()));
  session.on("state", (state) => told.push(state));
  await browser.pass();
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say(PLAYS);
  await browser.pass();
  return [session, browser, told];
}

/** Return what a connection is opened with: the session of before, and whether for tracks. */
function opening(socket: Socket | undefined): unknown[] {
  const open = socket?.take()[0] ?? {};
  return [open["resume"], (open["features"] as string[] | undefined)?.includes("rtp")];
}

/** Have WebRTC stand and the server take the session over. */
async function rise(browser: Browser): Promise<void> {
  const peer = browser.peers.at(-1);
  peer?.accept();
  peer?.say({ ...PLAYS, resumed: true });
  await browser.pass();
}

test("a session with moving pictures goes on by WebRTC, without a break that is seen", async () => {
  const [session, browser, told] = await playing();
  assert.equal(browser.peers.length, 1);
  const [socket, peer] = [browser.latest, browser.peers[0]];
  assert.equal(session.transport, "websocket");
  peer?.accept();
  assert.deepEqual(opening(peer), ["secret", true]);
  assert.equal(socket.closed, 4000, "the server keeps what is resumed");
  session.set({ seed: 7 }); // before the answer: it goes with it
  await browser.pass();
  peer?.say({ ...PLAYS, resumed: true });
  await browser.pass();
  assert.deepEqual(peer?.take(), [{ type: "params", id: 1, params: { seed: 7 } }]);
  assert.deepEqual([told.includes("webrtc"), told.includes("reconnecting")], [true, false]);
  assert.equal(session.transport, "webrtc");
});

test("pictures one by one, and who wants the WebSocket, stay with it", async () => {
  const [, browser] = await playing("websocket");
  assert.equal(browser.peers.length, 0);
  const other = new Browser();
  start(other, {}, undefined, { transport: "auto" });
  await other.pass();
  other.latest.accept();
  other.latest.say(OPENED);
  await other.pass();
  assert.equal(other.peers.length, 0);
});

test("where no packet comes through, the WebSocket goes on as if nothing were", async () => {
  const [session, browser, told] = await playing();
  await browser.pass(10_000);
  assert.deepEqual(told, ["open", "websocket no way for its packets"]);
  assert.equal(session.state, "open");
  assert.equal(browser.peers[0]?.closed, 1000);
  assert.equal(browser.latest.closed, null);
  session.set({ seed: 1 });
  await browser.pass();
  assert.equal(browser.latest.take().at(-1)?.["type"], "params");
});

test("a call that is refused is told at once, and not made again at each connection", async () => {
  const [session, browser, told] = await playing();
  browser.peers[0]?.break();
  assert.equal(told.at(-1), "websocket");
  browser.latest.break();
  await browser.pass(1000);
  browser.latest.accept();
  browser.latest.say({ ...PLAYS, resumed: true });
  await browser.pass();
  assert.deepEqual([session.state, browser.peers.length], ["open", 1]);
  await browser.wake(); // as when the network is another one
  browser.latest.say({ type: "pong" });
  browser.latest.break();
  await browser.pass(1000);
  browser.latest.accept();
  browser.latest.say({ ...PLAYS, resumed: true });
  await browser.pass();
  assert.equal(browser.peers.length, 2);
});

test("WebRTC that breaks is left for the WebSocket at once, with the session", async () => {
  const [session, browser, told] = await playing();
  await rise(browser);
  await browser.pass(20_000);
  browser.peers[0]?.take();
  told.length = 0;
  browser.peers[0]?.break();
  await browser.pass(0);
  assert.equal(browser.sockets.length, 2, "without waiting");
  browser.latest.accept();
  assert.deepEqual(opening(browser.latest), ["secret", false]);
  browser.latest.say({ ...PLAYS, resumed: true });
  await browser.pass();
  assert.deepEqual(told, ["reconnecting", "open", "websocket"]);
  assert.equal(session.transport, "websocket");
  assert.equal(browser.peers.length, 2, "it held for long, so it is tried again");
});

test("WebRTC that breaks soon each time is left alone for a while", async () => {
  const [, browser] = await playing();
  await rise(browser);
  browser.peers[0]?.break();
  await browser.pass(0);
  browser.latest.accept();
  browser.latest.say({ ...PLAYS, resumed: true });
  await browser.pass();
  assert.equal(browser.peers.length, 1);
});

test("a session that closes leaves no call behind", async () => {
  const [session, browser] = await playing();
  session.close();
  assert.notEqual(browser.peers[0]?.closed, null);
  const [other, more] = await playing();
  await rise(more);
  other.close();
  assert.deepEqual(more.peers[0]?.take().at(-1), { type: "close", code: "done" });
});

test("a browser without WebRTC, and a session that another connection took, stay as they are", async () => {
  const browser = new Browser();
  browser.callable = false;
  const session = start(browser, {}, undefined, { codecs: ["jpeg"], transport: "auto" });
  await browser.pass();
  browser.latest.accept();
  browser.latest.say(PLAYS);
  await browser.pass();
  assert.equal(session.state, "open");
  const [, late] = await playing();
  late.latest.break();
  await late.pass(0);
  late.peers[0]?.accept(); // of a call that was given up
  assert.equal(late.peers[0]?.take().length, 0);
});

test("who asks for WebRTC alone hears why there is none, and what else would do", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { codecs: ["jpeg"], transport: "webrtc" });
  const told: string[] = [];
  session.on("error", ({ message, fix }) => told.push(`${message}: ${fix}`));
  for (let attempt = 0; attempt < 3; attempt++) {
    await browser.pass();
    browser.peers.at(-1)?.break(1006, "the server has no WebRTC");
    await browser.pass(60_000);
  }
  assert.match(told[0] ?? "", /^the server has no WebRTC: use transport 'auto'/);
  const old = new Browser();
  old.callable = false;
  const other = start(old, {}, undefined, { codecs: ["jpeg"], transport: "webrtc" });
  other.on("error", ({ fix }) => told.push(fix));
  await old.pass();
  assert.match(told.at(-1) ?? "", /use transport 'auto'/);
});
