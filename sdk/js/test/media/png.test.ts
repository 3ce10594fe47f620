/** A drawing as PNG: what the writer writes, any reader reads. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import { writePng } from "../../src/media/png.ts";

/** Return a PNG's header and its pixels as RGBA, and check every chunk's sum. */
function read(png: Uint8Array): { width: number; height: number; type: number; rgba: number[] } {
  const file = Buffer.from(png);
  assert.equal(file.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    if (typeof crc32 === "function") assert.equal(file.readUInt32BE(end), crc32(file.subarray(at + 4, end)));
    chunks.set(file.toString("latin1", at + 4, at + 8), file.subarray(at + 8, end));
    at = end + 4;
  }
  assert.deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
  const header = chunks.get("IHDR")!;
  const [width, height, type] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9]!];
  assert.equal(header[8], 8);
  const raw = inflateSync(chunks.get("IDAT")!);
  const each = type === 6 ? 4 : 2;
  assert.equal(raw.length, (width * each + 1) * height);
  const rgba: number[] = [];
  for (let y = 0; y < height; y++) {
    const line = raw.subarray(y * (width * each + 1), (y + 1) * (width * each + 1));
    assert.equal(line[0], 0);
    for (let x = 0; x < width; x++) {
      const pixel = line.subarray(1 + x * each, 1 + (x + 1) * each);
      rgba.push(...(each === 4 ? pixel : [pixel[0]!, pixel[0]!, pixel[0]!, pixel[1]!]));
    }
  }
  return { width, height, type, rgba };
}

function image(width: number, height: number, at: (i: number) => number[]): ImageData {
  const data = new Uint8ClampedArray(Array.from({ length: width * height }, (_, i) => at(i)).flat());
  return { data, width, height, colorSpace: "srgb" } as ImageData;
}

test("grey drawings take half the bytes, and come back as they were", async () => {
  const drawing = image(7, 3, (i) => [i * 9, i * 9, i * 9, 255 - i]);
  const { width, height, type, rgba } = read(await writePng(drawing));
  assert.deepEqual([width, height, type], [7, 3, 4]);
  assert.deepEqual(rgba, [...drawing.data]);
});

test("one coloured pixel makes it a coloured picture, without loss", async () => {
  const drawing = image(5, 4, (i) => (i === 13 ? [1, 2, 3, 4] : [9, 9, 9, 0]));
  const { type, rgba } = read(await writePng(drawing));
  assert.equal(type, 6);
  assert.deepEqual(rgba, [...drawing.data]);
});
