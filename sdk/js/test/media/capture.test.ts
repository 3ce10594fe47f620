/** Frames of a video go as they come, no faster than asked for and no more than the line and the encoder take. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Capture } from "../../src/media/capture.ts";
import type { Piece } from "../../src/media/piece.ts";
import { MediaClock } from "../../src/media/piece.ts";

/** A test double of a canvas: what is painted, and when its encoding ends, is the test's. */
class Canvas {
  static painted: number[][] = [];
  static encode: () => Promise<Blob>;
  getContext(): object {
    return { drawImage: (_: unknown, ...at: number[]) => Canvas.painted.push(at) };
  }
  convertToBlob(): Promise<Blob> {
    return Canvas.encode();
  }
}

let frame: (now: number, captureTime?: number) => void;
let video: Record<string, unknown>;
let room: boolean;
let pieces: [codec: string, pts: number, at: number][];
let failures: string[];

beforeEach(() => {
  Object.assign(globalThis, { OffscreenCanvas: Canvas });
  Canvas.painted = [];
  Canvas.encode = async () => new Blob(["frame"]);
  [room, pieces, failures] = [true, [], []];
  video = {
    videoWidth: 640,
    videoHeight: 480,
    requestVideoFrameCallback: (run: (now: number, of: object) => void) => {
      frame = (now, captureTime) => run(now, captureTime === undefined ? {} : { captureTime });
    },
  };
});

function capture(codec = "jpeg", rate = 25): Capture {
  const format = { width: 320, height: 180, rate, codec };
  return new Capture(video as never, format, new MediaClock(0), "camera", {
    room: () => room,
    piece: ({ codec: made, pts }: Piece, at) => pieces.push([made, pts, at]),
    failed: ({ code }) => failures.push(code),
  });
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await new Promise((done) => setImmediate(done));
};

test("each frame fills the wanted size and is timed by its capture, where the browser tells that", async () => {
  capture();
  frame(1000, 990);
  await settle();
  frame(1040);
  await settle();
  assert.deepEqual(pieces, [
    ["jpeg", 990_000, 990],
    ["jpeg", 1_040_000, 1040],
  ]);
  assert.deepEqual(Canvas.painted[0], [0, 60, 640, 360, 0, 0, 320, 180], "what sticks out is cut off");
});

test("a camera of a higher rate is thinned out to the wanted one, with some slack", async () => {
  const it = capture("jpeg", 10);
  for (let at = 0; at < 1000; at += 1000 / 30) {
    frame(at);
    await settle();
  }
  assert.ok(pieces.length >= 9 && pieces.length <= 11, `${pieces.length}`);
  assert.equal(it.skipped, 0, "those are not missing");
});

test("a frame lasts as long as the camera takes for one, not as long as the line was busy", async () => {
  const lasted: number[] = [];
  new Capture(video as never, { width: 320, height: 180, rate: 25, codec: "jpeg" }, new MediaClock(0), "camera", {
    room: () => room,
    piece: ({ duration }: Piece) => lasted.push(duration),
    failed: ({ code }) => failures.push(code),
  });
  for (const [at, free] of [
    [0, true], // nothing is known yet
    [100, true], // a webcam in the dark
    [133, false],
    [166, false],
    [200, true],
    [9000, true], // the page slept
  ] as const) {
    room = free;
    frame(at);
    await settle();
  }
  assert.deepEqual(lasted, [40_000, 100_000, 40_000, 1_000_000]);
});

test("while the line or the encoder is busy, frames are left out, and counted", async () => {
  const it = capture();
  room = false;
  frame(0);
  room = true;
  let done: (blob: Blob) => void = () => undefined;
  Canvas.encode = () => new Promise((resolve) => (done = resolve));
  frame(100);
  frame(200);
  await settle();
  done(new Blob(["late"]));
  await settle();
  frame(300);
  assert.deepEqual([it.skipped, it.captured, pieces.length], [2, 2, 1]);
});

test("a frame that cannot be encoded is told, and the next one goes", async () => {
  capture();
  Canvas.encode = () => Promise.reject(new Error("no memory"));
  frame(0);
  await settle();
  Canvas.encode = async () => new Blob(["frame"]);
  frame(100);
  await settle();
  assert.deepEqual([failures, pieces.length], [["encode"], 1]);
});

test("another kind of picture gives way to the usual one, without a word", async () => {
  const it = capture("webp");
  Canvas.encode = () => Promise.reject(new Error("no webp"));
  frame(0);
  await settle();
  assert.deepEqual([it.codec, failures], ["jpeg", []]);
  Canvas.encode = async () => new Blob(["frame"]);
  it.key();
  frame(100);
  await settle();
  assert.equal(pieces[0]![0], "jpeg");
});

test("after its end nothing goes, not even what was being encoded", async () => {
  const it = capture();
  frame(0);
  it.close();
  await settle();
  frame(100);
  await settle();
  assert.deepEqual(pieces, []);
});

test("without the browser's word for new frames each paint may show one", async (t) => {
  const paints: ((now: number) => void)[] = [];
  Object.assign(globalThis, { requestAnimationFrame: (run: (now: number) => void) => paints.push(run) });
  t.after(() => Reflect.deleteProperty(globalThis, "requestAnimationFrame"));
  Reflect.deleteProperty(video, "requestVideoFrameCallback");
  capture();
  paints.shift()!(500);
  await settle();
  assert.deepEqual(pieces, [["jpeg", 500_000, 500]]);
});
