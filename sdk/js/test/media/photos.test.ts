/** Photographs: refused by their first bytes, kept no larger than a page can hold; and what is written into those saved. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { writeJpegRecipe } from "../../src/media/jpeg.ts";
import { MOST_MEGABYTES, openPhoto, within } from "../../src/media/photos.ts";
import { sizeOf } from "../../src/media/sizes.ts";
import { Bitmap } from "../doubles/canvas.ts";

/** Return the first bytes of files of this size, as encoders write them. */
function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}

function jpeg(width: number, height: number, before: number[] = []): Uint8Array<ArrayBuffer> {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const app0 = [0xff, 0xe0, 0, 4, 1, 1];
  return new Uint8Array([0xff, 0xd8, ...app0, ...before, 0xff, 0xff, 0xc2, 0, 17, 8, ...size, 3, 0, 0, 0, 0]);
}

function webp(kind: string, at: Record<number, number[]>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(40);
  bytes.set(new TextEncoder().encode(`RIFF....WEBP${kind}`));
  for (const [place, values] of Object.entries(at)) bytes.set(values, Number(place));
  return bytes;
}

let decoded: { bitmap: Bitmap; how: unknown }[] = [];
let size: [number, number];
let fails = false;
beforeEach(() => {
  [decoded, size, fails] = [[], [400, 800], false];
  Object.assign(globalThis, {
    createImageBitmap: async (_: unknown, how: { resizeWidth?: number; resizeHeight?: number }) => {
      if (fails) throw new Error("no memory");
      const bitmap = new Bitmap(how.resizeWidth ?? size[0], how.resizeHeight ?? size[1]);
      decoded.push({ bitmap, how });
      return bitmap;
    },
  });
});

test("a file's size is read from its head, whatever kind it is", () => {
  assert.deepEqual(sizeOf(png(12_000, 5000)), { width: 12_000, height: 5000 });
  assert.deepEqual(sizeOf(jpeg(4032, 3024)), { width: 4032, height: 3024 });
  assert.deepEqual(sizeOf(jpeg(640, 480, [0xff, 0xc4, 0, 3, 0])), { width: 640, height: 480 }, "a table is no frame");
  assert.deepEqual(sizeOf(webp("VP8X", { 24: [255, 15, 0], 27: [255, 7, 0] })), { width: 4096, height: 2048 });
  assert.deepEqual(sizeOf(webp("VP8 ", { 26: [64, 1], 28: [240, 0] })), { width: 320, height: 240 });
  assert.deepEqual(sizeOf(webp("VP8L", { 20: [0x2f], 21: [63, 192, 15, 0] })), { width: 64, height: 64 });
  assert.equal(sizeOf(webp("ALPH", {})), null);
  assert.equal(sizeOf(jpeg(1, 1).subarray(0, 9)), null, "cut off");
  assert.equal(sizeOf(new Uint8Array([0xff, 0xd8, 0, 0, 0])), null, "no marker");
});

test("what is no photograph, or damaged, or too large is refused before it is decoded", async () => {
  assert.equal(await openPhoto(new Blob(["GIF89a moving pictures"])), "invalid_image");
  assert.equal(await openPhoto(new Blob([jpeg(1, 1).subarray(0, 9)])), "damaged");
  assert.equal(await openPhoto(new Blob([png(0, 9)])), "damaged");
  assert.equal(await openPhoto(new Blob([png(20_000, 20_000)])), "too_large");
  assert.equal(await openPhoto({ size: (MOST_MEGABYTES + 1) * 2 ** 20 } as Blob), "too_large");
  assert.deepEqual(decoded, []);
  fails = true;
  assert.equal(await openPhoto(new Blob([png(9, 9)])), "damaged");
});

test("a photo is upright, and as large as it came", async () => {
  const opened = await openPhoto(new Blob([jpeg(3000, 4000)]));
  assert.deepEqual(opened, { bitmap: decoded[0]!.bitmap, shrunk: false });
  assert.deepEqual(decoded[0]!.how, { imageOrientation: "from-image" });
});

test("one of 60 megapixels is made smaller, and the large one let go of", async () => {
  size = [6700, 9000];
  const opened = await openPhoto(new Blob([jpeg(9000, 6700)]));
  assert.ok(typeof opened === "object" && opened.shrunk);
  assert.ok(opened.bitmap.width * opened.bitmap.height <= 4096 * 4096);
  assert.ok(Math.abs(opened.bitmap.width / opened.bitmap.height - 6700 / 9000) < 1e-3);
  assert.ok(decoded[0]!.bitmap.closed);
});

test("within a size a picture keeps its shape, and is never enlarged", () => {
  assert.deepEqual(within({ width: 3000, height: 4000 }, 512), { width: 384, height: 512 });
  assert.deepEqual(within({ width: 20, height: 10 }, 512), { width: 20, height: 10 });
  assert.deepEqual(within({ width: 9000, height: 3 }, 512), { width: 512, height: 1 });
});

test("a JPEG carries recipe and mark in front of what it was, in segments as long as they say", () => {
  const plain = jpeg(8, 8);
  const written = writeJpegRecipe(plain, { skus: ["Größe 1"] }, "compositeWithTrainedAlgorithmicMedia");
  const view = new DataView(written.buffer);
  const exif = view.getUint16(4);
  assert.deepEqual([view.getUint32(0), view.getUint16(4 + exif)], [0xffd8ffe1, 0xffe1]);
  const xmp = view.getUint16(6 + exif);
  assert.deepEqual(written.subarray(6 + exif + xmp), plain.subarray(2));
  const text = Buffer.from(written).toString("latin1");
  assert.ok(text.includes('livedraft:{"skus":["Gr\\u00f6\\u00dfe 1"]}'));
  assert.ok(text.includes("digitalsourcetype/compositeWithTrainedAlgorithmicMedia"));
  const long = writeJpegRecipe(plain, { points: "x".repeat(70_000) }, "trainedAlgorithmicMedia");
  assert.ok(!Buffer.from(long).toString("latin1").includes("livedraft:"), "no segment holds it");
  assert.ok(long.length < 2000, "but the mark is there");
});
