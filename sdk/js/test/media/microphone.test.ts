/** The microphone's packets, by doubles of the audio thread and its node: timed evenly, and closed whole. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Microphone } from "../../src/media/microphone.ts";
import type { Piece } from "../../src/media/piece.ts";
import { MediaClock } from "../../src/media/piece.ts";
import { Happening } from "../doubles/dom.ts";
import { Devices, Stream } from "../doubles/streams.ts";

const devices = Devices.install();
let contexts: Context[] = [];
let loads: () => Promise<void>;

class Context {
  closed = false;
  readonly audioWorklet = { addModule: () => loads() };
  constructor() {
    contexts.push(this);
  }
  async resume(): Promise<void> {}
  async close(): Promise<void> {
    this.closed = true;
  }
  createMediaStreamSource(): { connect(node: Thread): void } {
    return { connect: (node) => (Thread.last = node) };
  }
}

class Thread {
  static last: Thread;
  readonly port = { onmessage: (_: { data: unknown }): void => undefined };
  /** A packet that was full at `time`, ms by the audio thread's clock. */
  give(time: number): void {
    this.port.onmessage({ data: { samples: new Int16Array(320).fill(258), level: 0.5, time } });
  }
}
Object.assign(globalThis, { AudioContext: Context, AudioWorkletNode: Thread });

let now = 0;
let stream: Stream;
const heard: { pieces: Piece[]; levels: number[]; errors: string[] } = { pieces: [], levels: [], errors: [] };

async function open(): Promise<Microphone> {
  return Microphone.open(
    "/microphone.js",
    new MediaClock(0),
    { name: "voice", rate: 0 },
    {
      piece: (piece) => heard.pieces.push(piece),
      level: (level) => heard.levels.push(level),
      ended: (error) => heard.errors.push(error.code),
    },
  );
}

beforeEach((t) => {
  (t as unknown as { mock: { method(on: object, name: string, by: () => number): void } }).mock.method(
    performance,
    "now",
    () => now,
  );
  Object.assign(heard, { pieces: [], levels: [], errors: [] });
  contexts = [];
  loads = async () => undefined;
  stream = new Stream();
  devices.answer = async () => stream;
});

test("packets are 20 ms of 16 kHz, least byte first, with their loudness", async () => {
  await open();
  now = 1000;
  Thread.last.give(500);
  const [piece] = heard.pieces;
  const { data, ...rest } = piece!;
  assert.deepEqual(rest, { pts: 980_000, duration: 20_000, codec: "pcm-s16", key: true, rate: 16_000, channels: 1 });
  assert.deepEqual([data.length, data[0], data[1]], [640, 2, 1]);
  assert.deepEqual(heard.levels, [0.5]);
});

test("a busy page that takes packets late and in heaps does not move their times", async () => {
  await open();
  const arrivals = [1000, 1021, 1020 + 180, 1020 + 181, 1020 + 182, 1101];
  arrivals
    .sort((a, b) => a - b)
    .forEach((at, i) => {
      now = at;
      Thread.last.give(20 * i);
    });
  const steps = heard.pieces.slice(1).map(({ pts }, i) => pts - heard.pieces[i]!.pts);
  for (const step of steps) assert.ok(Math.abs(step - 20_000) <= 100, `${steps}`);
});

test("a clock that runs away is followed, a hundredth of a ms a packet", async () => {
  await open();
  for (let i = 0; i < 1000; i++) {
    now = 1000 + 20.005 * i; // the audio thread's is slow
    Thread.last.give(20 * i);
  }
  const late = now - 20 - heard.pieces.at(-1)!.pts / 1000;
  assert.ok(late >= -0.1 && late < 1, `${late} ms`);
});

test("a script that a policy keeps out is told, and nothing stays open", async () => {
  loads = () => Promise.reject(new Error("refused by the policy"));
  await assert.rejects(open(), { code: "media_failed", fix: /policy/ });
  assert.deepEqual([stream.tracks[0]!.stopped, contexts[0]!.closed], [true, true]);
});

test("a microphone that is pulled out is told; a closed one lets go of device and thread", async () => {
  const microphone = await open();
  stream.tracks[0]!.dispatchEvent(new Happening("ended"));
  assert.deepEqual(heard.errors, ["media_ended"]);
  microphone.close();
  assert.deepEqual([stream.tracks[0]!.stopped, contexts[0]!.closed], [true, true]);
});
