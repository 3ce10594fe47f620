/** Text goes up in its order and in whole characters; an interruption leaves no older word. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveSession } from "../../src/client/session.ts";
import type { LivedraftError } from "../../src/errors.ts";
import type { Socket } from "./stand_ins.ts";
import { Browser, OPENED, start } from "./stand_ins.ts";

const track = (name: string, way: string, kind: string, policy = ""): Record<string, unknown> => ({
  name,
  way,
  kind,
  policy,
  max_s: 0,
  codecs: [kind === "text" ? "utf-8" : "jpeg"],
  width: 0,
  height: 0,
  rate: 0,
  channels: 0,
  required: false,
});
const TRACKS = [
  { ...track("text", "in", "text", "append"), max_chars: 100_000 },
  track("video", "out", "video"),
  track("audio", "out", "audio"),
];
const TALKING = { ...OPENED, features: ["media", "talk"], tracks: TRACKS };
const media = (id: number, seq: number): Record<string, unknown> => ({
  type: "media",
  track: "video",
  id,
  seq,
  pts: seq,
  duration: 40_000,
  codec: "jpeg",
  data: new Uint8Array(3),
});

async function talking(told: Record<string, unknown> = TALKING): Promise<[LiveSession, Browser, Socket]> {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { codecs: ["jpeg", "pcm-s16"] });
  await browser.pass();
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say(told);
  await browser.pass();
  return [session, browser, browser.latest];
}

function said(socket: Socket): string[] {
  const pieces = socket.take().filter(({ type, track: name }) => type === "media" && name === "text");
  return pieces.map(({ data }) => new TextDecoder().decode(data as Uint8Array));
}

const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "",
    (error: LivedraftError) => error.code,
  );

test("a session with media asks to talk", async () => {
  const browser = new Browser();
  start(browser, {}, undefined, { codecs: ["jpeg"] });
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take()[0]!["features"], ["media", "talk"]);
});

test("a text goes whole and ended, on the model's track, with times that grow", async () => {
  const [session, , socket] = await talking();
  await session.speak("Guten Tag.");
  const pieces = socket.take();
  assert.deepEqual(
    pieces.map(({ type, track: name, codec, duration }) => [type, name, codec, duration]),
    Array(2).fill(["media", "text", "utf-8", 0]),
  );
  const [first, second] = pieces as [Record<string, number>, Record<string, number>];
  assert.ok(second["pts"]! > first["pts"]! && second["id"]! > first["id"]!);
  await session.speak("Ja.");
  assert.deepEqual(said(socket), ["Ja.", ""]);
});

test("pieces go as they come, and the next text after them", async () => {
  const [session, browser, socket] = await talking();
  const ways: ((text: string | null) => void)[] = [];
  async function* written(): AsyncGenerator<string> {
    for (;;) {
      const next = await new Promise<string | null>((resolve) => ways.push(resolve));
      if (next === null) return;
      yield next;
    }
  }
  const first = session.speak(written());
  const second = session.speak("B");
  await browser.pass();
  ways.shift()!("Hel");
  await browser.pass();
  assert.deepEqual(said(socket), ["Hel"]);
  ways.shift()!("lo");
  await browser.pass();
  ways.shift()!(null);
  await Promise.all([first, second]);
  assert.deepEqual(said(socket), ["lo", "", "B", ""]);
});

test("halves of characters are joined, lone ones replaced, and controls left out", async () => {
  const [session, , socket] = await talking();
  await session.speak(["a\ud83e", "\udd8ab", "\ud83e", "c\u0000d\t\n"]);
  assert.equal(said(socket).join(""), "a🦊b\ufffdc d\t\n");
  await session.speak("\ud83e");
  assert.equal(said(socket).join(""), "\ufffd");
});

test("a hundred kilobytes go in parts, none of which halves a character", async () => {
  const [session, , socket] = await talking();
  const text = `x${"🦊".repeat(50_000)}`;
  await session.speak(text);
  const parts = said(socket);
  assert.ok(parts.length > 10 && parts.every((part) => part.length <= 8192));
  assert.equal(parts.join(""), text);
});

test("what is said before the session is open waits for it, and nothing is taken meanwhile", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { codecs: ["jpeg"] });
  let taken = 0;
  const counted = function* (): Generator<string> {
    taken += 1;
    yield "early";
  };
  const going = session.speak(counted());
  await browser.pass();
  assert.equal(taken, 0);
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say(TALKING);
  await going;
  assert.deepEqual(said(browser.latest), ["early", ""]);
});

test("over a broken line nothing that was not sent is lost", async () => {
  const [session, browser, socket] = await talking();
  socket.break();
  await session.speak("later");
  await browser.pass(10_000);
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say({ ...TALKING, resumed: true });
  await browser.pass();
  assert.deepEqual(said(browser.latest), ["later", ""]);
});

test("after an interruption no older output is told, and each is confirmed at once", async () => {
  const [session, browser, socket] = await talking();
  const told: number[] = [];
  session.on("media", ({ id }) => told.push(id));
  await session.speak("a long story");
  let interrupted = 0;
  session.on("interrupted", (id) => {
    interrupted = id;
  });
  socket.say(media(1, 1));
  session.interrupt();
  const [message] = socket.take().filter(({ type }) => type === "interrupt");
  assert.equal(message!["id"], interrupted);
  socket.received.splice(0);
  socket.say(media(2, 2));
  socket.say(media(interrupted, 3));
  await browser.pass();
  assert.deepEqual(told, [1, interrupted]);
  assert.deepEqual(socket.received, [{ type: "ack", seq: 2 }]);
});

test("an interruption takes back what is still being written", async () => {
  const [session, browser, socket] = await talking();
  let ended = false;
  let next: (text: string) => void = () => undefined;
  async function* written(): AsyncGenerator<string> {
    try {
      for (;;)
        yield await new Promise<string>((resolve) => {
          next = resolve;
        });
    } finally {
      ended = true;
    }
  }
  const first = session.speak(written());
  await browser.pass();
  next("Once ");
  await browser.pass();
  session.interrupt();
  const second = session.speak("Stop.");
  await second;
  assert.deepEqual(said(socket), ["Once ", "Stop.", ""]);
  next("upon a time");
  await first;
  assert.ok(ended, "its source is told to end");
  assert.deepEqual(said(socket), []);
});

test("an interruption gives up a refine, and needs no open session", async () => {
  const [session, browser, socket] = await talking();
  const refused = refusal(session.refine());
  await browser.pass();
  session.interrupt();
  assert.equal(await refused, "superseded");
  socket.break();
  const heard: number[] = [];
  session.on("interrupted", (id) => heard.push(id));
  session.interrupt();
  assert.deepEqual(heard, [], "a broken session says nothing that could be taken back");
});

test("a storm of interruptions leaves the last text alone", async () => {
  const [session, browser, socket] = await talking();
  for (let n = 0; n < 100; n++) {
    void session.speak(`${n}`);
    session.interrupt();
  }
  await session.speak("end");
  await browser.pass();
  const messages = socket.take();
  assert.equal(messages.filter(({ type }) => type === "interrupt").length, 100);
  const after = messages.slice(messages.map(({ type }) => type).lastIndexOf("interrupt") + 1);
  assert.deepEqual(
    after.map(({ data }) => new TextDecoder().decode(data as Uint8Array)),
    ["end", ""],
  );
});

test("an older server is silenced by the word that it knows, and refuses text clearly", async () => {
  const old = { ...TALKING, features: ["media"], tracks: TRACKS.slice(1) };
  const [session, browser, socket] = await talking(old);
  assert.equal(await refusal(session.speak("x")), "version_mismatch");
  const told: number[] = [];
  session.on("media", ({ id }) => told.push(id));
  session.on("interrupted", () => told.push(-1));
  session.interrupt();
  assert.deepEqual(socket.take(), [{ type: "cancel" }]);
  socket.say(media(0, 1));
  await browser.pass();
  assert.deepEqual(told, [-1]);
});

test("a model that takes no text says so, and so does a closed session", async () => {
  const [session] = await talking({ ...TALKING, tracks: TRACKS.slice(1) });
  assert.equal(await refusal(session.speak("x")), "invalid_media");
  session.close();
  assert.equal(await refusal(session.speak("x")), "session_closed");
});
