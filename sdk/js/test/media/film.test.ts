/** A film has each picture and each sound at its own time, whatever the page was late with. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Film, filmable } from "../../src/media/film/film.ts";
import { Heard } from "../../src/media/film/heard.ts";
import { Timeline } from "../../src/media/film/timeline.ts";
import type { Box } from "../doubles/filming.ts";
import { boxesOf, inside, installFilming, numbersOf, PictureEncoder, SoundEncoder } from "../doubles/filming.ts";

beforeEach(installFilming);

const RATE = 1000;
const image = { width: 512, height: 511 } as ImageBitmap;
const sound = (pts: number, ms: number, level = 1, rate = RATE) => ({
  channels: [new Float32Array((ms * rate) / 1000).fill(level)],
  rate,
  pts,
});

function film(codec = "avc1.42E01F"): [Film, unknown[]] {
  const failed: unknown[] = [];
  return [new Film(codec, (error) => failed.push(error)), failed];
}

async function boxes(made: Film): Promise<[Box[], Box[]]> {
  const bytes = new Uint8Array(await (await made.stop())!.arrayBuffer());
  const all = boxesOf(bytes);
  return [all, inside(all, "moov").inner.filter(({ name }) => name === "trak")];
}

const table = (track: Box, name: string, from: number): number[] =>
  numbersOf(inside(track.inner, "mdia", "minf", "stbl", name), from);

test("pictures are seen from their times on, the first at once and the last as long as sound is heard", async () => {
  const [made] = film();
  for (const ms of [5000, 5040, 5120]) made.picture(image, ms * 1000);
  made.sound(sound(5_100_000, 100));
  const [all, [pictures, heard]] = await boxes(made);
  assert.deepEqual(
    all.map(({ name }) => name),
    ["ftyp", "moov", "mdat"],
  );
  // Runs of a count and a duration, 90 a ms.
  assert.deepEqual(table(pictures!, "stts", 8), [1, 40 * 90, 2, 80 * 90]);
  assert.deepEqual(table(pictures!, "stss", 8), [1], "the first needs none before it");
  const data = inside(all, "mdat");
  assert.ok(data.text.startsWith("[0][40000]"));
  const places = table(pictures!, "co64", 8).filter((_, i) => i % 2);
  assert.deepEqual(places[0], data.at);
  // 100 ms of nothing, then the sound without what its encoder puts before it.
  assert.deepEqual(numbersOf(inside(heard!.inner, "edts", "elst"), 8), [100, -1, 0x10000, 94, 312, 0x10000]);
  assert.deepEqual(SoundEncoder.samples, Array(100).fill(1));
  assert.ok(inside(heard!.inner, "mdia", "minf", "stbl", "stsd").text.includes("dOps"));
});

test("what is missing in the sound is silence, and what is heard twice is left out", async () => {
  const [made] = film();
  made.picture(image, 0);
  made.sound(sound(0, 40));
  made.sound(sound(41_000, 20)); // near enough
  made.sound(sound(100_000, 20, 2));
  made.sound(sound(110_000, 20, 3));
  await made.stop();
  const [one, two, three] = [1, 2, 3].map((level) => SoundEncoder.samples.filter((each) => each === level).length);
  assert.deepEqual([one, two, three, SoundEncoder.samples.length], [60, 20, 10, 130]);
});

test("sound that stays away is silence behind the pictures, a little at a time", async () => {
  const [made] = film();
  made.picture(image, 0);
  made.sound(sound(0, 40));
  for (let at = 1; at <= 50; at++) made.picture(image, at * 40_000);
  assert.equal(SoundEncoder.samples.length, 1000);
  made.sound(sound(1_980_000, 20, 2));
  await made.stop();
  assert.equal(SoundEncoder.samples.length, 2000);
});

test("another session's clock goes on where the film is, with sound of another rate", async () => {
  const [made] = film();
  made.picture(image, 900_000);
  made.sound(sound(900_000, 40));
  made.begin();
  made.picture(image, 7_000);
  made.sound(sound(7_000, 40, 1, 2 * RATE));
  const [, [pictures]] = await boxes(made);
  assert.deepEqual(table(pictures!, "stts", 8), [2, 40 * 90]);
  assert.ok(Math.abs(SoundEncoder.samples.length - 80) < 20);
});

test("a break is left out, and what comes late of before it lies where it belongs", () => {
  const times = new Timeline();
  assert.equal(times.of(10_000_000, 40_000), 0);
  assert.equal(times.of(10_040_000, 40_000), 40_000);
  assert.equal(times.of(60_000_000, 40_000), 80_000, "50 s that nobody saw");
  assert.equal(times.of(10_060_000, 20_000), 60_000);
  assert.equal(times.of(60_040_000, 40_000), 120_000);
  assert.equal(times.end, 160_000);
});

test("only what was heard is kept, to the sample where it was cut off", () => {
  const heard = new Heard();
  for (const at of [0, 40_000, 80_000]) heard.add(sound(at, 40));
  assert.deepEqual(
    heard.until(79_000).map(({ pts }) => pts),
    [0],
  );
  const rest = heard.cut(90_000);
  assert.deepEqual(
    rest.map(({ pts, channels }) => [pts, channels[0]!.length]),
    [
      [40_000, 40],
      [80_000, 10],
    ],
  );
  assert.deepEqual(heard.until(Infinity), []);
});

test("a film of nothing is none, and begins with a picture", async () => {
  const [made] = film();
  made.sound(sound(0, 40));
  assert.equal(await made.stop(), null);
});

test("an encoder that fails ends the film early, which is told once; one that is busy is spared", async () => {
  const [made, failed] = film();
  made.picture(image, 0);
  const [encoder] = PictureEncoder.made;
  encoder!.encodeQueueSize = 1000;
  made.picture(image, 40_000);
  assert.equal(made.left, 1);
  encoder!.ends.error(new Error("spoilt"));
  encoder!.ends.error(new Error("spoilt"));
  made.picture(image, 80_000);
  assert.equal(failed.length, 1);
  const [, tracks] = await boxes(made);
  assert.deepEqual(table(tracks[0]!, "stts", 8), [1, 80 * 90]);
});

test("H.264 is what most players play, else VP9; without either, or on a page without https, it is not made", async () => {
  assert.equal(await filmable(), "avc1.42E01F");
  PictureEncoder.supported = ["vp09.00.31.08"];
  assert.equal(await filmable(), "vp09.00.31.08");
  const [made] = film("vp09.00.31.08");
  for (let at = 0; at < 60; at++) made.picture(image, at * 40_000);
  const [, [pictures]] = await boxes(made);
  const entry = inside(pictures!.inner, "mdia", "minf", "stbl", "stsd");
  assert.ok(entry.text.includes("vpcC"));
  assert.equal(entry.view.getUint16(16 + 24), 512);
  assert.equal(entry.view.getUint16(16 + 26), 512, "sides are even");
  assert.deepEqual(table(pictures!, "stss", 8), [1, 51]);
  PictureEncoder.supported = [];
  assert.equal(await filmable(), "");
  Object.assign(globalThis, { AudioEncoder: undefined });
  assert.equal(await filmable(), "");
});
