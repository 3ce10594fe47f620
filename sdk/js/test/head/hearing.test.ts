/** What is heard of the user: speech moves the head, or is handed over as what was said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Utterance } from "../../src/head/voice/hearing.ts";
import { Hearing } from "../../src/head/voice/hearing.ts";
import type { Piece } from "../../src/media/piece.ts";
import { toBytes } from "../../src/media/piece.ts";

const piece = (n: number): Piece => ({
  ...{ pts: n * 20_000, duration: 20_000, codec: "pcm-s16", key: true, rate: 24_000, channels: 1 },
  data: toBytes(new Int16Array(480).fill(n)),
});

function hearing(listens = false) {
  const told: string[] = [];
  const said: Utterance[] = [];
  const made = new Hearing({
    speech: (on) => told.push(on ? "began" : "ended"),
    utterance: (utterance) => said.push(utterance),
  });
  made.listens = listens;
  let n = 0;
  const hear = (count: number, level: number): number[] => {
    const up: number[] = [];
    for (let i = 0; i < count; i++) {
      made.hear(level);
      up.push(...made.take(piece(++n)).map(({ pts }) => pts / 20_000));
    }
    return up;
  };
  return { made, told, said, hear };
}

test("only speech goes up, with what was just before it; a room does not", () => {
  const { told, said, hear } = hearing();
  assert.deepEqual(hear(50, 0.0005), []);
  const up = hear(20, 0.1);
  assert.deepEqual([up[0], up.at(-1), told], [39, 70, ["began"]]);
  hear(40, 0.0005);
  assert.deepEqual([told, said], [["began", "ended"], []]);
});

test("where the page listens nothing goes up; what was said is handed over once it is over", () => {
  const { told, said, hear } = hearing(true);
  hear(50, 0.0005);
  assert.deepEqual(hear(20, 0.1), []);
  assert.equal(said.length, 0);
  hear(40, 0.0005);
  assert.deepEqual(told, ["began", "ended"]);
  const [{ pcm, rate, durationMs }] = said as [Utterance];
  assert.deepEqual([rate, pcm.length, pcm[0], durationMs], [24_000, (durationMs / 20) * 480, 39, pcm.length / 24]);
});

test("what is very long comes in several; a cough is none", () => {
  const { made, said, hear } = hearing(true);
  made.hold(true);
  hear(3100, 0.1);
  assert.deepEqual([said.length, said[0]!.durationMs], [1, 60_000]);
  const short = hearing(true);
  short.made.hold(true);
  short.hear(5, 0.1);
  short.made.hold(false);
  assert.deepEqual([short.told, short.said], [["began", "ended"], []]);
});

test("while a button is held all is speech, whatever its level", () => {
  const { made, told, said, hear } = hearing(true);
  made.hold(true);
  made.hold(true);
  hear(30, 0.0001);
  assert.equal(made.speaking, true);
  made.hold(false);
  assert.deepEqual([told, said.length, said[0]!.durationMs], [["began", "ended"], 1, 600]);
});

test("a button that is held while somebody speaks goes on with what is said", () => {
  const { made, told, said, hear } = hearing(true);
  hear(50, 0.0005);
  hear(20, 0.1);
  made.hold(true);
  hear(5, 0.1);
  made.stop();
  assert.deepEqual([told, said.length], [["began", "ended"], 1]);
  made.stop();
  assert.equal(told.length, 2);
});

test("while the head is heard, more is asked for", () => {
  const { made, told, hear } = hearing(true);
  made.against = true;
  hear(50, 0.0005);
  hear(30, 0.006);
  assert.deepEqual(told, []);
  hear(10, 0.2);
  assert.deepEqual(told, ["began"]);
});
