/** Sound for the wire: resampled without a seam, cut into packets, written and read as 16 bits. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Packets, RATE } from "../../src/media/packets.ts";
import { MediaClock, toBytes, toChannels } from "../../src/media/piece.ts";
import { Resampler } from "../../src/media/resample.ts";

function tone(hertz: number, rate: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
}

/** Resample in blocks of an audio thread's size. */
function resampled(samples: Float32Array, from: number, to: number, block = 128): Float32Array {
  const resampler = new Resampler(from, to);
  const made: number[] = [];
  for (let i = 0; i < samples.length; i += block) made.push(...resampler.push(samples.subarray(i, i + block)));
  return Float32Array.from(made);
}

const PACKET = 320; // samples: 20 ms

const rms = (samples: ArrayLike<number>): number =>
  Math.sqrt(Array.from(samples).reduce((sum, each) => sum + each * each, 0) / samples.length);

for (const from of [48_000, 44_100, 96_000, 8_000]) {
  test(`a tone of 440 Hz stays one from ${from} Hz to 16 kHz`, () => {
    const made = resampled(tone(440, from, from), from, RATE);
    assert.ok(Math.abs(made.length - RATE) < 40, `${made.length} samples`);
    const wanted = tone(440, RATE, made.length);
    const error = rms(made.subarray(200, -200).map((sample, i) => sample - wanted[i + 200]!));
    assert.ok(error < 0.5 * 10 ** (-50 / 20), `error ${error}`); // 50 dB below the tone
  });
}

test("what 16 kHz cannot hold is gone, not folded down", () => {
  const made = resampled(tone(12_000, 48_000, 48_000), 48_000, RATE);
  assert.ok(rms(made.subarray(200, -200)) < rms(tone(12_000, 48_000, 48_000)) / 300); // 50 dB
});

test("blocks of any size give the same samples", () => {
  const samples = tone(700, 44_100, 4410);
  const whole = new Resampler(44_100, RATE).push(samples);
  for (const block of [1, 37, 128, 1000]) {
    const made = resampled(samples, 44_100, RATE, block);
    const count = Math.min(whole.length, made.length);
    assert.ok(count > 1500);
    const worst = Math.max(...made.subarray(0, count).map((sample, i) => Math.abs(sample - whole[i]!)));
    assert.ok(worst < 1e-5, `${block}: ${worst}`);
  }
});

test("packets are 20 ms of one channel, and lose no sample between blocks", () => {
  const packets = new Packets(RATE);
  const left = tone(440, RATE, 4 * PACKET);
  const right = left.map((sample) => -sample / 2);
  const made = [];
  for (let i = 0; i < left.length; i += 100) {
    made.push(...packets.push([left.subarray(i, i + 100), right.subarray(i, i + 100)]));
  }
  assert.equal(made.length, 4);
  const all = made.flatMap(({ samples }) => [...samples]);
  assert.deepEqual(all.length, 4 * PACKET);
  all.forEach((sample, i) => assert.ok(Math.abs(sample - (left[i]! / 4) * 32768) <= 1));
  assert.ok(Math.abs(made[1]!.level - 0.125 / Math.SQRT2) < 0.01);
});

test("channels stay apart where they are asked for; one is heard on both", () => {
  const packets = new Packets(48_000, RATE, 2);
  const [left, right] = [tone(440, 48_000, 9600), tone(880, 48_000, 9600)];
  const interleaved = packets.push([left, right]).flatMap(({ samples }) => [...samples]);
  const made = toChannels(toBytes(Int16Array.from(interleaved)), 2);
  for (const [i, each] of [left, right].entries()) {
    const alone = new Packets(48_000, RATE).push([each]).flatMap(({ samples }) => [...samples]);
    assert.deepEqual([...toBytes(Int16Array.from(made[i]!, (v) => v * 32768))], [...toBytes(Int16Array.from(alone))]);
  }
  const [mono] = new Packets(RATE, RATE, 2).push([left.subarray(0, PACKET)]);
  assert.equal(mono!.samples.length, 2 * PACKET);
  assert.ok(mono!.samples.every((sample, i) => i % 2 === 0 || sample === mono!.samples[i - 1]));
});

test("what is too loud is cut, not turned over", () => {
  const [packet] = new Packets(RATE).push([new Float32Array(PACKET).fill(1.5)]);
  assert.ok(packet!.samples.every((sample) => sample === 32767));
});

test("no channel is silence that takes no time", () => {
  assert.deepEqual(new Packets(48_000).push([]), []);
});

test("16-bit samples are written least byte first and read back by channel", () => {
  const bytes = toBytes(Int16Array.of(1, -2, 32767, -32768));
  assert.deepEqual([...bytes], [1, 0, 254, 255, 255, 127, 0, 128]);
  const [left, right] = toChannels(bytes, 2);
  assert.deepEqual([...left!], [1 / 32768, 32767 / 32768]);
  assert.deepEqual([...right!], [-2 / 32768, -1]);
});

test("the media clock counts whole µs and grows on each track", () => {
  const clock = new MediaClock(1000);
  assert.equal(clock.stamp("camera", 1033.3333), 33_333);
  assert.equal(clock.stamp("camera", 1033.3333), 33_334);
  assert.equal(clock.stamp("camera", 1000), 33_335);
  assert.equal(clock.stamp("voice", 990), 0);
});
