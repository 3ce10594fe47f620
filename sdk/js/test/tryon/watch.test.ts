/** Who stands before a kiosk: told from pictures of a room, with noise, changing light and a chair. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { differing, grey, HEIGHT, Watch, WIDTH } from "../../src/tryon/kiosk/watch.ts";

const TIMES = { awayMs: 2_000, stillMs: 10_000 };

let seed = 1;
function noise(): number {
  seed = (seed * 16_807) % 2_147_483_647;
  return ((seed % 1000) / 1000 - 0.5) * 12;
}

interface Scene {
  light?: number;
  person?: number; // where, 0..1 across; none without it
  chair?: boolean;
}

/** A room that is darker to the left, and what is in it. */
function room({ light = 0, person, chair = false }: Scene): Float32Array {
  return Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [(i % WIDTH) / WIDTH, Math.floor(i / WIDTH) / HEIGHT];
    const dark = (person !== undefined && Math.abs(x - person) < 0.12 && y > 0.15) || (chair && x > 0.8 && y > 0.5);
    return (dark ? 30 : 110 + 60 * x) + light + noise();
  });
}

/** Look at scenes 400 ms apart; return the state after each. */
function seen(watch: Watch, scenes: readonly Scene[], clock = { now: 0 }): boolean[] {
  return scenes.map((scene) => watch.look(room(scene), (clock.now += 400)));
}

const times = (count: number, scene: (i: number) => Scene): Scene[] =>
  Array.from({ length: count }, (_, i) => scene(i));

test("an empty room stays empty, whatever noise and light do", () => {
  const watch = new Watch(TIMES);
  assert.ok(
    !seen(
      watch,
      times(50, (i) => ({ light: i < 25 ? 0 : 35 })),
    ).includes(true),
    "a lamp was switched on",
  );
  assert.ok(
    !seen(
      watch,
      times(100, (i) => ({ light: 35 - i * 0.6 })),
    ).includes(true),
    "the evening came",
  );
});

test("who comes counts from the second look on, and is gone some time after leaving", () => {
  const watch = new Watch(TIMES);
  const clock = { now: 0 };
  seen(
    watch,
    times(5, () => ({})),
    clock,
  );
  assert.deepEqual(seen(watch, [{ person: 0.2 }, { person: 0.3 }, { person: 0.4 }], clock), [false, true, true]);
  const after = seen(
    watch,
    times(8, () => ({})),
    clock,
  );
  assert.deepEqual(after, [true, true, true, true, false, false, false, false]);
});

test("a passing shadow is nobody", () => {
  const watch = new Watch(TIMES);
  assert.ok(!seen(watch, [{}, {}, { person: 0.5 }, {}, { person: 0.1 }, {}, {}]).includes(true));
});

test("who stands nearly still is still there; who sways is, for as long as they like", () => {
  const watch = new Watch(TIMES);
  seen(
    watch,
    times(5, () => ({})),
  );
  const clock = { now: 5 * 400 };
  const swaying = seen(
    watch,
    times(200, (i) => ({ person: 0.5 + 0.02 * Math.sin(i) })),
    clock,
  );
  assert.equal(swaying.lastIndexOf(false), 0);
});

test("a chair that was put there becomes part of the room, and the next person is seen beside it", () => {
  const watch = new Watch(TIMES);
  const clock = { now: 0 };
  seen(
    watch,
    times(5, () => ({})),
    clock,
  );
  const chair = seen(
    watch,
    times(40, () => ({ chair: true })),
    clock,
  );
  assert.deepEqual([chair[1], chair.at(-1)], [true, false]);
  assert.deepEqual(
    seen(
      watch,
      times(3, (i) => ({ chair: true, person: 0.2 + i / 20 })),
      clock,
    ).at(-1),
    true,
  );
});

test("what was judged to be nobody is not told of again until something else comes", () => {
  const watch = new Watch(TIMES);
  const clock = { now: 0 };
  seen(
    watch,
    times(5, () => ({})),
    clock,
  );
  assert.equal(
    seen(
      watch,
      times(2, () => ({ person: 0.3 })),
      clock,
    ).at(-1),
    true,
  );
  watch.gone();
  assert.ok(
    !seen(
      watch,
      times(20, () => ({ person: 0.3 })),
      clock,
    ).includes(true),
  );
});

test("pictures are compared apart from their light; grey is what the eye sees", () => {
  const flat = new Float32Array(WIDTH * HEIGHT).fill(100);
  const lighter = flat.map((value) => value + 60);
  assert.equal(differing(flat, lighter), 0);
  const half = flat.map((value, i) => (i % 4 ? value : value + 60));
  assert.equal(differing(flat, half), 0.25);
  const [white, green] = grey(Uint8ClampedArray.from([255, 255, 255, 255, 0, 255, 0, 255]));
  assert.ok(Math.abs(white! - 255) < 1e-3 && Math.abs(green! - 149.685) < 1e-3);
});
