/** The script in the audio thread: what it hears leaves as packets, with the time of the block. */

import assert from "node:assert/strict";
import { test } from "node:test";

interface Processor {
  process(inputs: Float32Array[][]): boolean;
}

test("blocks of any channels become packets; no input is silence that takes no time", async () => {
  const posted: { samples: Int16Array; time: number }[] = [];
  let named = "";
  let made: (new () => Processor) | null = null;
  Object.assign(globalThis, {
    sampleRate: 16_000,
    currentTime: 2.5,
    AudioWorkletProcessor: class {
      port = { postMessage: (message: (typeof posted)[0]) => posted.push(message) };
    },
    registerProcessor: (name: string, processor: new () => Processor) => {
      [named, made] = [name, processor];
    },
  });
  await import("../../src/media/worklet.ts");
  assert.equal(named, "livedraft-microphone");
  const processor = new made!();
  for (let i = 0; i < 5; i++) assert.equal(processor.process([[new Float32Array(128).fill(0.5)]]), true);
  assert.equal(processor.process([]), true);
  assert.deepEqual(
    posted.map(({ samples, time }) => [samples.length, samples[0], time]),
    [
      [320, 16_384, 2500],
      [320, 16_384, 2500],
    ],
  );
});
