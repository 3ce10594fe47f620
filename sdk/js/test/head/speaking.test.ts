/** What is handed over to be spoken: sound of any kind in packets, no further ahead than is of use; words by the clock. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LivedraftError } from "../../src/errors.ts";
import { Captions } from "../../src/head/stage/captions.ts";
import type { Word } from "../../src/head/talk.ts";
import { Talk } from "../../src/head/talk.ts";
import { Pouring } from "../../src/head/voice/pouring.ts";
import { Intake } from "../../src/media/intake.ts";
import { installPage } from "../doubles/page.ts";

installPage();

/** A drain with a clock of its own, which takes packets or not. */
class Sink {
  at = 0; // ms
  open = true;
  readonly packets: Int16Array[] = [];
  readonly times: number[] = [];
  private timers: { run: () => void; at: number }[] = [];

  send(samples: Int16Array, _rate: number, at: number): boolean {
    if (!this.open) return false;
    this.packets.push(samples);
    this.times.push(at);
    return true;
  }
  now(): number {
    return this.at;
  }
  later(run: () => void, ms: number): () => void {
    const timer = { run, at: this.at + ms };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((each) => each !== timer));
  }
  /** Let time pass, timer by timer. */
  pass(ms: number): void {
    const end = this.at + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.at = Math.max(this.at, next.at);
      next.run();
    }
    this.at = end;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const poured = (sink: Sink): Pouring => new Pouring(sink, () => 24_000);
const seconds = (count: number, rate = 24_000): Int16Array => new Int16Array(count * rate).fill(1000);

test("chunks of one sample, of floats and of any rate become packets of 20 ms, with nothing lost", () => {
  const intake = new Intake(24_000);
  const one = Array.from({ length: 2400 }, () => intake.push(Int16Array.of(500), 24_000)).flat();
  assert.deepEqual([one.length, one[0]!.length, one[0]![0]], [5, 480, 500]);
  const halves = intake.push(new Float32Array(8000).fill(0.25), 8000);
  const all = [...halves, ...intake.rest()];
  assert.ok(all.length >= 50 && all.length <= 53, `${all.length}`);
  assert.ok(Math.abs(all[20]![100]! - 8192) < 80);
  assert.deepEqual(intake.rest(), [], "nothing is left");
});

test("a change of the rate gives what was left first; no number is silence; what is no sound is told", () => {
  const intake = new Intake(16_000);
  intake.push(Int16Array.of(1, 2, 3), 16_000);
  const [first] = intake.push(new Float32Array(0), 48_000);
  assert.deepEqual([...first!.subarray(0, 4)], [1, 2, 3, 0]);
  const [odd] = intake.push(
    Float32Array.from({ length: 4800 }, (_, i) => (i % 2 ? Number.NaN : 0)),
    48_000,
  );
  assert.ok(odd!.every((sample) => sample === 0));
  for (const [samples, rate] of [
    [[1, 2], 24_000],
    [new Int16Array(1), 0],
    [new Int16Array(1), Number.NaN],
    [new Int16Array(1), 1e6],
  ] as const) {
    assert.throws(() => intake.push(samples as never, rate), { code: "invalid_sound" });
  }
});

test("sound goes at once, and no further ahead than 4 s; who pours on waits for that", async () => {
  const sink = new Sink();
  const pouring = poured(sink);
  let welcome = 0;
  for (let i = 0; i < 6; i++) void pouring.push(seconds(1), 24_000).then(() => (welcome += 1));
  await turn();
  assert.deepEqual([sink.packets.length, welcome], [201, 4], "4 s, and the packet on the way");
  assert.deepEqual(sink.times.slice(0, 3), [0, 20, 40], "one after the other");
  sink.pass(1000);
  await turn();
  assert.deepEqual([sink.packets.length, welcome], [251, 5]);
  sink.pass(2000);
  await turn();
  assert.deepEqual([sink.packets.length, welcome, pouring.waitingMs], [300, 6, 0]);
});

test("what fills no packet goes after a moment; what comes in time before goes on with it", () => {
  const sink = new Sink();
  const pouring = poured(sink);
  void pouring.push(new Int16Array(100).fill(7), 24_000);
  sink.pass(100);
  void pouring.push(new Int16Array(100).fill(9), 24_000);
  sink.pass(100);
  assert.equal(sink.packets.length, 0);
  sink.pass(100);
  const [packet] = sink.packets;
  assert.deepEqual([packet![0], packet![99], packet![100], packet![200]], [7, 7, 9, 0]);
});

test("without a connection it waits here, and whoever does not is told in the end", async () => {
  const sink = new Sink();
  sink.open = false;
  const pouring = poured(sink);
  void pouring.push(seconds(119), 24_000);
  void pouring.push(seconds(2), 24_000);
  assert.throws(() => pouring.push(seconds(1), 24_000), { code: "sound_line_full" });
  sink.open = true;
  sink.pass(200);
  await turn();
  assert.ok(sink.packets.length > 200);
});

test("an interruption throws away what waits, and lets go who waited", async () => {
  const sink = new Sink();
  const pouring = poured(sink);
  let waited = true;
  void pouring.push(seconds(10), 24_000).then(() => (waited = false));
  pouring.drop();
  await turn();
  assert.deepEqual([waited, pouring.waitingMs], [false, 0]);
  const { length } = sink.packets;
  sink.pass(10_000);
  assert.equal(sink.packets.length, length);
  void pouring.push(seconds(1), 24_000);
  assert.equal(sink.packets.length, length + 50, "what is new goes at once");
});

/** Hear what a head tells, by a clock that stands where it is put. */
function listener() {
  const heard: string[] = [];
  const clock = { time: null as number | null, frames: [] as (() => void)[] };
  const talk = new Talk(
    () => clock.time,
    {
      state: (state) => heard.push(state),
      viseme: (viseme) => heard.push(`/${viseme}/`),
      word: ({ text }) => heard.push(text),
    },
    (run) => clock.frames.push(run),
  );
  const frame = (time: number): void => {
    clock.time = time;
    for (const run of clock.frames.splice(0)) run();
  };
  return { heard, clock, talk, frame };
}

const word = (text: string, at: number): Word => ({ text, at, until: at + 300_000 });

test("words come when they are heard, never before; states and visemes when they change", () => {
  const { heard, clock, talk, frame } = listener();
  clock.time = 0;
  const told = { state: "speaking", viseme: "aa", words: [word("Good", 5000), word("day", 30_000)] };
  talk.told(0, told);
  talk.told(0, told); // of the picture, beside the sound
  talk.told(40_000, { state: "idle", viseme: "sil" });
  assert.deepEqual(heard, ["speaking", "/aa/"]);
  frame(4999);
  assert.deepEqual(heard.slice(2), []);
  frame(5000);
  assert.deepEqual(heard.slice(2), ["Good"]);
  frame(30_001);
  assert.deepEqual(heard.slice(2), ["Good", "day"]);
  frame(40_000);
  assert.deepEqual(heard.slice(4), ["idle", "/sil/"]);
  assert.equal(clock.frames.length, 0, "nobody looks any longer");
});

test("where nothing sounds, all comes as it arrives; what was interrupted does not", () => {
  const { heard, clock, talk, frame } = listener();
  talk.told(10, { state: "speaking", words: [word("seen", 9_000_000)] });
  assert.deepEqual(heard, ["speaking", "seen"]);
  clock.time = 9_000_000;
  talk.told(9_400_000, { words: [word("never", 9_500_000)] });
  talk.clear();
  frame(9_600_000);
  assert.deepEqual(heard, ["speaking", "seen", "idle"]);
  talk.begin();
  clock.time = null;
  talk.told(10, { words: [word("new", 10)] });
  assert.equal(heard.at(-1), "new", "another session's clock begins anew");
});

test("what a model should not tell is nothing", () => {
  const { heard, talk } = listener();
  let at = 0;
  for (const words of [null, "no", [null], [{}], [{ text: 5, at: 1 }], [{ text: "a", at: "b" }]]) {
    talk.told(at++, { state: "flying", viseme: 5, words });
  }
  assert.deepEqual(heard, []);
  talk.told(at, { words: [{ text: "short", at: 1 }] });
  assert.deepEqual(heard, ["short"]);
});

test("captions are a line or two of what was heard; a screen reader gets sentences", () => {
  const captions = new Captions();
  const say = (text: string): void =>
    text.split(" ").forEach((each, i) => captions.word({ text: each, at: i * 1000, until: i * 1000 + 900 }));
  say("Good day. How");
  assert.equal(captions.root.textContent, "Good day. How");
  assert.equal(captions.said.textContent, "Good day.");
  say("are you today, in this fine weather of ours? I am");
  assert.equal(captions.root.textContent, "I am", "a new line begins after a sentence");
  assert.equal(captions.said.textContent, "How are you today, in this fine weather of ours?");
  say("x".repeat(80));
  say("y");
  assert.equal(captions.root.textContent, `${"x".repeat(80)} y`, "words are not cut");
  captions.turn(false);
  assert.equal(captions.root.hidden, true);
  captions.turn(true);
  captions.ended();
  assert.deepEqual([captions.root.textContent, captions.root.hidden], ["", true]);
  assert.match(captions.said.textContent!, /y$/);
});

test("words of scripts without spaces have none between them", () => {
  const captions = new Captions();
  ["你好", "世界"].forEach((text, i) => captions.word(word(text, i)));
  assert.equal(captions.root.textContent, "你好世界");
});

test("an error of the line is one with a way out", () => {
  const sink = new Sink();
  sink.open = false;
  const pouring = poured(sink);
  void pouring.push(seconds(121), 24_000);
  try {
    void pouring.push(seconds(1), 24_000);
    assert.fail();
  } catch (error) {
    assert.match((error as LivedraftError).fix, /await el\.pushAudio/);
  }
});
