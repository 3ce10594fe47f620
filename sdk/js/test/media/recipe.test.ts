/** A PNG carries its recipe, and stays a PNG. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { markOf, readRecipe, writeRecipe } from "../../src/media/recipe.ts";

// 1 × 1 px, as any encoder writes it.
const PNG = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);
const RECIPE = { livedraft: "0.1.0", seed: 42, params: { prompt: "Füchse, 狐" } };

test("a recipe comes back as it was written", () => {
  assert.deepEqual(readRecipe(writeRecipe(PNG, RECIPE)), RECIPE);
});

test("a second recipe takes the place of the first", () => {
  const twice = writeRecipe(writeRecipe(PNG, RECIPE), { seed: 7 });
  assert.deepEqual(readRecipe(twice), { seed: 7 });
  assert.equal(twice.length, writeRecipe(PNG, { seed: 7 }).length);
});

test("a picture with a recipe is marked as Python marks it, once", () => {
  const marks = JSON.parse(readFileSync("../../tests/vectors/marks.json", "utf8")) as { png: string };
  const written = Buffer.from(writeRecipe(writeRecipe(PNG, RECIPE), RECIPE)).toString("utf8");
  assert.equal(written.split(marks.png).length, 2);
  assert.equal(written.split("adobe:ns:meta").length, 2);
});

test("every chunk has the checksum of the PNG specification", { skip: typeof crc32 !== "function" }, () => {
  const png = Buffer.from(writeRecipe(PNG, RECIPE));
  for (let at = 8; at < png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    assert.equal(png.readUInt32BE(end), crc32(png.subarray(at + 4, end)));
    at = end + 4;
  }
});

test("a large photograph in a recipe comes back, and what is larger is left out", () => {
  const recipe = { ...RECIPE, inputs: { sketch: `data:image/png;base64,${"A".repeat(6 * 2 ** 20)}` } };
  assert.deepEqual(readRecipe(writeRecipe(PNG, recipe)), recipe);
  const larger = { ...RECIPE, inputs: { sketch: "A".repeat(8 * 2 ** 20) }, strokes: [] };
  assert.deepEqual(readRecipe(writeRecipe(PNG, larger)), RECIPE);
});

test("no other file has a recipe, and a damaged one is none", () => {
  assert.equal(readRecipe(PNG), null);
  assert.equal(readRecipe(new Uint8Array([0xff, 0xd8, 0xff])), null);
  const whole = writeRecipe(PNG, RECIPE);
  for (let length = 0; length < whole.length - 20; length += 7) {
    assert.doesNotThrow(() => readRecipe(whole.subarray(0, length)));
  }
});

test("a recipe tells the mark, and that there is to be none", () => {
  const png = readFileSync("../../demos/fox.png");
  const has = (recipe: Record<string, unknown>): boolean[] => {
    const text = Buffer.from(writeRecipe(png, recipe)).toString("latin1");
    return ["/trainedAlgorithmicMedia", "/compositeWithTrainedAlgorithmicMedia"].map((word) => text.includes(word));
  };
  assert.deepEqual(has({}), [true, false]);
  assert.deepEqual(has(markOf("compositeWithTrainedAlgorithmicMedia")), [false, true]);
  assert.deepEqual(has(markOf("none")), [false, false]);
  assert.deepEqual([markOf("trainedAlgorithmicMedia"), markOf(undefined)], [{}, {}]);
  assert.deepEqual(has({ digital_source_type: "digitalCapture" }), [true, false], "no file makes that of a picture");
});
