/** The time in a frame's corner: what is written is read, also through noise, and what is no mark is none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pen } from "../../src/media/capture.ts";
import { mark, read } from "../../src/media/marker.ts";

const WIDTH = 640;

/** A canvas of greys. */
class Canvas {
  readonly canvas = { width: WIDTH, height: 360 };
  readonly greys: Uint8ClampedArray;
  fillStyle = "";

  constructor(grey = 90) {
    this.greys = new Uint8ClampedArray(WIDTH * 360).fill(grey);
  }

  get pen(): Pen {
    return this as unknown as Pen;
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const grey = this.fillStyle === "#fff" ? 255 : 0;
    for (let row = y; row < y + height; row++) this.greys.fill(grey, row * WIDTH + x, row * WIDTH + x + width);
  }

  getImageData(_x: number, _y: number, width: number, height: number): { data: Uint8ClampedArray } {
    const data = new Uint8ClampedArray(4 * width * height);
    for (let at = 0; at < width * height; at++) {
      data.fill(this.greys[Math.floor(at / width) * WIDTH + (at % width)] ?? 0, 4 * at, 4 * at + 4);
    }
    return { data };
  }
}

test("what is written is read, rounded to a ms and by 2**20 of them", () => {
  for (const at of [0, 1, 12_345.4, 2 ** 20 - 1, 2 ** 20 + 7]) {
    const canvas = new Canvas();
    mark(canvas.pen, at);
    assert.equal(read(canvas.pen, WIDTH), Math.round(at) % 2 ** 20);
  }
});

test("a codec's noise does not hurt", () => {
  const canvas = new Canvas();
  mark(canvas.pen, 777_777);
  canvas.greys.forEach((grey, i, all) => {
    all[i] = 40 + 0.6 * grey + ((i * 7919) % 50);
  });
  assert.equal(read(canvas.pen, WIDTH), 777_777);
});

test("a frame without a mark, and one that was painted over, say nothing", () => {
  for (const grey of [0, 90, 255]) assert.equal(read(new Canvas(grey).pen, WIDTH), null);
  const canvas = new Canvas();
  mark(canvas.pen, 500_000);
  let wrong = 0;
  for (let square = 0; square < 26; square++) {
    const painted = new Canvas();
    painted.greys.set(canvas.greys);
    const [x, y] = [(square % 13) * 20, Math.floor(square / 13) * 20];
    painted.fillStyle = (painted.greys[(y + 5) * WIDTH + x + 5] ?? 0) > 127 ? "#000" : "#fff";
    painted.fillRect(x, y, 20, 20);
    if (read(painted.pen, WIDTH) !== null) wrong += 1;
  }
  assert.equal(wrong, 0, "any one square that is another is noticed");
});
