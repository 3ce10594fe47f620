/** Films with sound from beside the session: both lie where they were captured, whatever comes back when. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dubbed } from "../../src/media/film/dubbed.ts";
import type { HeardSound } from "../../src/media/film/heard.ts";

const PICTURE = {} as ImageBitmap;

function sound(pts: number): HeardSound {
  return { channels: [new Float32Array(960)], rate: 48_000, pts };
}

function dubbed(): { film: Dubbed; pictures: number[]; sounds: number[] } {
  const [pictures, sounds] = [[] as number[], [] as number[]];
  const film = {
    picture: (_: unknown, pts: number) => pictures.push(pts),
    sound: ({ pts }: HeardSound) => sounds.push(pts),
  };
  return { film: new Dubbed(film, () => 7000), pictures, sounds };
}

test("pictures lie at their capture, whatever the session's clock says; unknown ones where they are shown", () => {
  const { film, pictures } = dubbed();
  film.begin();
  film.picture(PICTURE, 123, 5000);
  film.picture(PICTURE, 456, null);
  assert.deepEqual(pictures, [5_000_000, 7_000_000]);
});

test("sound waits for what was seen with it, no longer than two seconds; the session's own is left out", () => {
  const { film, sounds } = dubbed();
  for (const pts of [1_000_000, 4_900_000, 4_920_000]) film.hear(sound(pts));
  assert.deepEqual(sounds, []);
  film.picture(PICTURE, 0, 4910);
  assert.deepEqual(sounds, [4_900_000, 4_920_000]);
  film.sound();
  film.hear(sound(4_940_000));
  assert.deepEqual(sounds, [4_900_000, 4_920_000, 4_940_000]);
});
