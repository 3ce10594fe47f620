/** The main colours of a picture: as an eye would name them, and the same each time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mainColours, toHex, toLab } from "../../src/media/colours.ts";

type Rgba = [number, number, number, number];

const SIDE = 20; // px

/** Paint a square picture; the function says each pixel. */
function picture(at: (x: number, y: number) => Rgba): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, i) => at(i % SIDE, Math.floor(i / SIDE))).flat();
}

const RED: Rgba = [229, 72, 77, 255];
const BLUE: Rgba = [59, 130, 246, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const NONE: Rgba = [0, 0, 0, 0];

test("colours come by their share, the largest first, and no transparent one", () => {
  const rgba = picture((x, y) => (x < 4 ? NONE : y < 15 ? RED : BLUE));
  assert.deepEqual(mainColours(rgba, SIDE, 6), ["#e5484d", "#3b82f6"]);
});

test("a plain background is none of the picture's colours", () => {
  const rgba = picture((x, y) => (x < 4 || y < 4 || x > 15 || y > 15 ? WHITE : x < 12 ? RED : BLUE));
  assert.deepEqual(mainColours(rgba, SIDE, 6), ["#e5484d", "#3b82f6"]);
});

test("one colour alone is that colour, and nothing is none", () => {
  assert.deepEqual(
    mainColours(
      picture(() => WHITE),
      SIDE,
      6,
    ),
    ["#ffffff"],
  );
  assert.deepEqual(
    mainColours(
      picture(() => NONE),
      SIDE,
      6,
    ),
    [],
  );
});

test("shades that look the same are one; there are never more than asked for", () => {
  const noisy = picture((x, y) => [RED[0] + ((x * 7 + y * 3) % 5), RED[1], RED[2], 255]);
  assert.equal(mainColours(noisy, SIDE, 6).length, 1);
  const many = picture((x, y) => [x * 12, y * 12, (x * y) % 255, 255]);
  assert.equal(mainColours(many, SIDE, 3).length, 3);
});

test("OKLab goes there and back, and knows white", () => {
  assert.equal(toHex(toLab(59, 130, 246)), "#3b82f6");
  const [l, a, b] = toLab(255, 255, 255);
  assert.ok(Math.abs(l - 1) < 1e-6 && Math.abs(a) < 1e-6 && Math.abs(b) < 1e-6);
});
