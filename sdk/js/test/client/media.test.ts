/** Pieces go up while the line takes them, and those of the server are matched and confirmed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Line } from "../../src/client/media.ts";
import { MediaFlow } from "../../src/client/media.ts";
import type { ClientMessage, MediaMessage, Track } from "../../src/client/protocol.ts";
import type { Piece } from "../../src/media/piece.ts";
import { Browser, frame, OPENED, opened, start } from "./stand_ins.ts";

const track = (name: string, way: "in" | "out", kind: Track["kind"]): Track => ({
  name,
  way,
  kind,
  policy: "",
  max_s: 0,
  codecs: ["jpeg"],
  width: 0,
  height: 0,
  rate: 0,
  channels: 0,
  required: false,
});
const TRACKS = [track("camera", "in", "video"), track("voice", "in", "audio"), track("picture", "out", "video")];
const piece: Piece = { pts: 0, duration: 33_333, codec: "jpeg", key: true, data: new Uint8Array(3) };
const media = (id: number, more: Partial<MediaMessage> = {}): MediaMessage => ({
  type: "media",
  track: "picture",
  id,
  pts: 0,
  duration: 33_333,
  codec: "jpeg",
  key: true,
  rate: 0,
  channels: 0,
  data: new Uint8Array(3),
  seq: id,
  dropped: 0,
  dropped_us: 0,
  timings: { model: 4, sent: 10 },
  notes: [],
  about: {},
  ...more,
});

/** A line whose clock and load are set by hand. */
class Wire implements Line {
  at = 0;
  load = 0;
  open = true;
  ids = 0;
  readonly said: ClientMessage[] = [];

  send(message: ClientMessage): boolean {
    if (this.open) this.said.push(message);
    return this.open;
  }
  held(): number {
    return this.load;
  }
  prefer(): void {
    // of the link
  }
  nextId(): number {
    return ++this.ids;
  }
  now(): number {
    return this.at;
  }
  rtp(): null {
    return null;
  }
  raise(): void {
    // of the link
  }
}

function flow(): [MediaFlow, Wire] {
  const wire = new Wire();
  const made = new MediaFlow(wire);
  made.opened(TRACKS);
  return [made, wire];
}

test("a piece goes on its track, under an id of the session's", () => {
  const [flowing, wire] = flow();
  assert.equal(flowing.send("camera", piece, 0), true);
  assert.deepEqual(wire.said, [{ type: "media", track: "camera", id: 1, ...piece }]);
  assert.equal(flowing.track("in", "audio")?.name, "voice");
  assert.equal(flowing.track("out", "audio"), null);
  wire.open = false;
  assert.equal(flowing.send("camera", piece, 0), false);
  assert.equal(flowing.stats().sent, 1);
});

test("an answer is of the newest picture before it, and confirmed by its number", () => {
  const [flowing, wire] = flow();
  flowing.send("camera", piece, 0);
  flowing.send("voice", { ...piece, codec: "pcm-s16" }, 0);
  wire.at = 40;
  flowing.send("camera", piece, 30);
  flowing.send("camera", piece, 60);
  wire.at = 100;
  const answer = media(3, { dropped: 1 });
  const flight = flowing.answered(answer);
  assert.equal(flight?.capturedAt, 30);
  flowing.shown(answer, flight);
  flowing.confirm(answer);
  flowing.confirm(media(9, { seq: null }));
  assert.deepEqual(wire.said.at(-1), { type: "ack", seq: 3 });
  const { fps, roundTripMs, modelMs, serverMs, networkMs, left } = flowing.stats();
  assert.deepEqual([fps, roundTripMs, modelMs, serverMs, networkMs, left], [1, 70, 4, 10, 60, 1]);
});

test("what came over another connection is not confirmed over this one; of another model it is", () => {
  const [flowing, wire] = flow();
  const [first, second] = [media(1), media(2)];
  flowing.answered(first);
  flowing.opened(TRACKS);
  flowing.confirm(first);
  assert.deepEqual(wire.said, [{ type: "ack", seq: 1 }]);
  flowing.answered(second);
  flowing.opened(TRACKS, true);
  flowing.confirm(second);
  assert.equal(wire.said.length, 1);
  const again = media(2);
  flowing.answered(again);
  flowing.confirm(again);
  assert.deepEqual(wire.said.at(-1), { type: "ack", seq: 2 });
});

test("a key frame is asked for no more often than one can come", () => {
  const [flowing, wire] = flow();
  for (const at of [0, 100, 499, 600, 900]) {
    wire.at = at;
    flowing.askKey("picture");
  }
  assert.deepEqual(wire.said, [
    { type: "key", track: "picture" },
    { type: "key", track: "picture" },
  ]);
});

test("a line is crowded once it has held back pictures for a second, and not by one of them", () => {
  const [flowing, wire] = flow();
  const frames = (count: number, load: number): boolean => {
    wire.load = load;
    for (let n = 0; n < count; n++) void flowing.room;
    return flowing.crowded;
  };
  assert.equal(frames(100, 40 * 1024), false);
  assert.equal(frames(20, 100 * 1024), false);
  assert.equal(frames(100, 0), false);
  assert.equal(frames(45, 300 * 1024), true);
  flowing.opened(TRACKS);
  assert.equal(flowing.crowded, false);
});

test("there is no room while the socket holds much back, or nothing was answered for long", () => {
  const [flowing, wire] = flow();
  assert.equal(flowing.room, true);
  wire.load = 300 * 1024;
  assert.equal(flowing.room, false);
  wire.load = 0;
  flowing.send("camera", piece, 0);
  wire.at = 400;
  assert.equal(flowing.room, true);
  wire.at = 600;
  assert.equal(flowing.room, false);
  flowing.answered(media(1));
  assert.equal(flowing.room, true);
});

test("a model that answers slowly is no line that is busy", () => {
  const [flowing, wire] = flow();
  for (let second = 1; second <= 3; second++) {
    flowing.send("camera", piece, wire.at);
    wire.at = 1000 * second;
    flowing.answered(media(wire.ids));
  }
  flowing.send("camera", piece, wire.at);
  wire.at += 1500;
  assert.equal(flowing.room, true);
});

test("a new connection forgets what was under way", () => {
  const [flowing, wire] = flow();
  flowing.send("camera", piece, 0);
  wire.at = 5000;
  flowing.opened(TRACKS);
  assert.equal(flowing.room, true);
  assert.equal(flowing.answered(media(1)), null);
});

test("a session that plays media says so, hears it, and its params wait for no frame", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { codecs: ["jpeg", "pcm-s16"] });
  await browser.pass();
  browser.latest.accept();
  const [open] = browser.latest.take();
  assert.deepEqual(
    [open!["features"], open!["codecs"]],
    [
      ["media", "talk"],
      ["jpeg", "pcm-s16"],
    ],
  );
  const heard: MediaMessage[] = [];
  session.on("media", (message) => heard.push(message));
  browser.latest.say({ ...OPENED, model: { id: "loopback", inputs: [] }, features: ["media"], tracks: TRACKS });
  await browser.pass();
  browser.latest.say({ ...media(0) });
  assert.deepEqual(heard, [media(0)]);
  for (const delay of [1, 2, 3, 4]) {
    session.set({ delay_ms: delay });
    await browser.pass();
    const sent = browser.latest.take();
    assert.deepEqual(
      sent.map(({ type }) => type),
      ["params"],
    );
    browser.latest.say({ type: "ack", id: sent[0]!["id"], params: { delay_ms: delay } });
  }
});

test("a session of pictures alone does not speak of media, as servers of before know no such keys", async () => {
  const browser = new Browser();
  start(browser);
  await browser.pass();
  browser.latest.accept();
  assert.equal("features" in browser.latest.take()[0]!, false);
});

test("a picture is only asked for when it would go at once", async () => {
  const [session, browser, socket] = await opened();
  assert.equal(session.ready, true);
  for (const id of [1, 2]) {
    session.send({ sketch: new Uint8Array([id]) });
    await browser.pass();
  }
  assert.equal(session.ready, false);
  socket.say(frame(2, 1));
  await browser.pass();
  assert.equal(session.ready, true);
  socket.break();
  assert.equal(session.ready, false);
});

test("other codecs are agreed on over another connection, which goes on with the session", async () => {
  const [session, browser] = await opened();
  session.media.prefer(["vp8", "jpeg"]);
  await browser.pass();
  browser.latest.accept();
  const open = browser.latest.take()[0];
  assert.deepEqual(
    [open?.["codecs"], open?.["features"], open?.["resume"]],
    [["vp8", "jpeg"], ["media", "keys", "talk"], "secret"],
  );
  assert.equal(browser.sockets.length, 2);
});

test("a key frame that the server asks for is told by its track", async () => {
  const [session, browser] = await opened();
  const asked: string[] = [];
  session.on("key", (track) => asked.push(track));
  browser.latest.say({ type: "key", track: "camera" });
  assert.deepEqual(asked, ["camera"]);
});
