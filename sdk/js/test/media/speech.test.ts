/** Speech is told from a room: words from clicks, pauses from ends, and a fan from a voice. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SpeechGate } from "../../src/media/speech.ts";

const dB = (level: number): number => 10 ** (level / 20);

/** Hear packets of these levels, dB; return when speech began and ended, and which packets it was. */
function heard(levels: number[], gate = new SpeechGate<number>()) {
  const changes: string[] = [];
  const speech: number[] = [];
  levels.forEach((level, i) => {
    const verdict = gate.push(i, dB(level));
    speech.push(...verdict.speech);
    if (verdict.change) changes.push(`${verdict.change} ${i}`);
  });
  return { changes, speech, gate };
}

const of = (count: number, level: number): number[] => new Array(count).fill(level);
const room = of(50, -62);

test("a word begins after 60 ms, with 300 ms of what was before it, and ends after 600 ms", () => {
  const { changes, speech } = heard([...room, ...of(20, -25), ...of(60, -62)]);
  assert.deepEqual(changes, ["began 52", "ended 99"]);
  assert.equal(speech[0], 38, "15 packets, the one that told it among them");
  assert.deepEqual(
    speech,
    [...speech].sort((a, b) => a - b),
  );
  assert.equal(new Set(speech).size, speech.length);
});

test("a click of 40 ms is none, nor is a room however soft its sounds are", () => {
  assert.deepEqual(heard([...room, -10, -10, ...of(60, -62), -10, -10, ...of(60, -62)]).changes, []);
  assert.deepEqual(heard([...of(100, -90), ...of(100, -60), ...of(100, -90)]).changes, []);
});

test("a pause within a sentence does not end it; a voice that sinks a little neither", () => {
  const said = [...room, ...of(20, -25), ...of(25, -62), ...of(20, -25), ...of(40, -44), ...of(20, -25)];
  assert.deepEqual(heard(said).changes, ["began 52"]);
});

test("a loud room is learnt, and a voice over it is heard", () => {
  const fan = of(200, -40);
  assert.deepEqual(heard([...fan, ...of(200, -40), ...of(20, -22), ...of(60, -40)]).changes.slice(-2), [
    "began 402",
    "ended 449",
  ]);
});

test("a fan that starts and stays is taken for speech for a while, not for ever", () => {
  const { changes, gate } = heard([...room, ...of(3000, -36)]);
  assert.equal(changes.length, 2);
  assert.equal(gate.speaking, false);
});

test("while a loudspeaker speaks, more is asked for", () => {
  const gate = new SpeechGate<number>();
  gate.strict = true;
  assert.deepEqual(heard([...room, ...of(30, -43)], gate).changes, [], "what a room gives back");
  assert.deepEqual(heard([...room, ...of(5, -20), ...room], gate).changes, [], "100 ms");
  assert.deepEqual(heard([...room, ...of(10, -20)], gate).changes, ["began 55"]);
});

test("it begins anew, and says whether somebody spoke", () => {
  const { gate } = heard([...room, ...of(10, -20)]);
  assert.equal(gate.reset(), true);
  assert.equal(gate.reset(), false);
  assert.deepEqual(heard(of(2, -20), gate).changes, []);
});
