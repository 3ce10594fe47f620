/** Sound leads and pictures follow it; what is late is left out, and counted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Due } from "../../src/media/playback.ts";
import { Playback } from "../../src/media/playback.ts";
import type { Output } from "../../src/media/speaker.ts";
import { Speaker } from "../../src/media/speaker.ts";

/** A stand-in for an AudioContext whose clock is turned by hand, 10 ms from the ear. */
class Ear implements Output {
  at = 1;
  readonly played: { at: number; seconds: number; stopped: boolean }[] = [];

  now(): number {
    return this.at;
  }
  heard(): number {
    return this.at - 0.01;
  }
  play(channels: Float32Array<ArrayBuffer>[], rate: number, at: number, ended: () => void): () => void {
    const played = { at, seconds: channels[0]!.length / rate, stopped: false };
    this.played.push(played);
    return () => {
      played.stopped = true;
      ended();
    };
  }
}

const RATE = 16_000;
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

/** Play 20 ms at a time of the media clock, ms. */
function say(speaker: Speaker, ms: number, ended = (): void => undefined): void {
  speaker.play([new Float32Array(320)], RATE, ms * 1000, ended);
}

test("pieces sound one after the other on one grid, whenever they arrive", () => {
  const ear = new Ear();
  const speaker = new Speaker(ear, true);
  assert.equal(speaker.time, null);
  for (const [i, at] of [1, 1.021, 1.029, 1.058].entries()) {
    ear.at = at;
    say(speaker, 500 + 20 * i);
  }
  const starts = ear.played.map(({ at }) => at);
  starts.forEach((start, i) => assert.ok(near(start, 1.04 + 0.02 * i), `${starts}`));
  assert.equal(speaker.gaps, 0);
  ear.at = 1.07; // 1.06 is heard: 20 ms into the sound
  assert.ok(near(speaker.time!, 520_000));
  assert.equal(speaker.silent, false);
  ear.at = 1.2;
  assert.equal(speaker.silent, true);
});

test("a piece that comes too late moves the clock, never lies over another", () => {
  const ear = new Ear();
  const speaker = new Speaker(ear, true);
  say(speaker, 0);
  ear.at = 1.3;
  say(speaker, 20);
  say(speaker, 40);
  assert.equal(speaker.gaps, 1);
  assert.ok(near(ear.played[1]!.at, 1.34));
  assert.ok(near(ear.played[2]!.at, 1.36));
});

test("live sound that piled up is left out again; sound that was made ahead is not", () => {
  for (const live of [true, false]) {
    const ear = new Ear();
    const speaker = new Speaker(ear, live);
    say(speaker, 0);
    ear.at = 1.001;
    for (let ms = 20; ms <= 400; ms += 20) say(speaker, ms); // a line that stood still gives all at once
    for (let ms = 420; ms <= 6000; ms += 20) {
      ear.at += 0.02;
      say(speaker, ms);
    }
    const ahead = ear.played.at(-1)!.at - ear.at;
    if (live) assert.ok(ahead < 0.13 && speaker.skippedS > 0.2, `${ahead} s ahead`);
    else assert.ok(ahead > 0.3 && speaker.skippedS === 0, `${ahead} s ahead`);
    assert.equal(speaker.gaps, 0);
    const sounded = ear.played.filter(({ stopped }) => !stopped);
    sounded.slice(1).forEach((each, i) => assert.ok(each.at >= sounded[i]!.at + 0.02 - 1e-6, "one over another"));
  }
});

test("an interruption is silent at once, and every piece ends", () => {
  const ear = new Ear();
  const speaker = new Speaker(ear, false);
  let ended = 0;
  for (const ms of [0, 20, 40]) say(speaker, ms, () => (ended += 1));
  speaker.flush();
  assert.equal(ended, 3);
  assert.equal(speaker.time, null);
  say(speaker, 900);
  assert.ok(near(ear.played.at(-1)!.at, 1.04));
});

/** Pictures by their pts in ms, on a clock that is set by hand. */
function screen(): {
  playback: Playback<number>;
  clock: { time: number | null; silent: boolean };
  shown: number[];
  dropped: number[];
  add(ms: number): void;
} {
  const clock = { time: null as number | null, silent: false };
  const shown: number[] = [];
  const dropped: number[] = [];
  const playback = new Playback<number>(() => clock, {
    show: (due: Due<number>) => shown.push(due.picture),
    drop: (due: Due<number>) => dropped.push(due.picture),
  });
  const add = (ms: number): void => playback.add({ picture: ms, pts: ms * 1000, duration: 33_333 });
  return { playback, clock, shown, dropped, add };
}

test("without sound the newest is shown at once, and the others count as late", () => {
  const { playback, shown, dropped, add } = screen();
  add(0);
  add(33);
  playback.tick();
  playback.tick();
  assert.deepEqual([shown, dropped, playback.late, playback.shown], [[33], [0], 1, 1]);
});

test("with sound a picture waits for its time on the sound's clock", () => {
  const { playback, clock, shown, add } = screen();
  clock.time = 100_000;
  for (const ms of [100, 133, 166]) add(ms);
  playback.tick();
  assert.deepEqual(shown, [100]);
  assert.equal(playback.waits, true);
  clock.time = 126_000; // nearer to 133 than the next paint is
  playback.tick();
  assert.deepEqual(shown, [100, 133]);
  clock.silent = true; // the sound is over: nothing is waited for
  playback.tick();
  assert.deepEqual(shown, [100, 133, 166]);
});

test("pictures of another time, as after a break, are not waited for", () => {
  const { playback, clock, shown, add } = screen();
  clock.time = 0;
  add(60_000);
  playback.tick();
  assert.deepEqual(shown, [60_000]);
});

test("a clock that stands still holds no more than some; all can be forgotten", () => {
  const { playback, clock, dropped, add } = screen();
  clock.time = 0;
  for (let i = 1; i <= 40; i++) add(10 * i);
  assert.equal(dropped.length, 8);
  playback.flush();
  assert.equal(dropped.length, 40);
  assert.equal(playback.waits, false);
});

test("after an interruption pictures do not wait for the silence that follows it", () => {
  const sound = { time: 500_000 as number | null, silent: false };
  const shown: number[] = [];
  const playback = new Playback<string>(() => sound, {
    show: ({ pts }) => shown.push(pts),
    drop: () => undefined,
  });
  const add = (pts: number): void => playback.add({ picture: "", pts, duration: 40_000 });
  add(600_000);
  playback.flush();
  Object.assign(sound, { time: 560_000 }); // of the next piece, which is scheduled and not heard yet
  add(640_000);
  playback.tick();
  assert.deepEqual(shown, [640_000]);
  add(680_000);
  sound.time = 641_000;
  playback.tick();
  assert.deepEqual(shown, [640_000], "from where the sound is heard, it leads again");
  sound.time = 680_000;
  playback.tick();
  assert.deepEqual(shown, [640_000, 680_000]);
});
