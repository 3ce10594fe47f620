/** Pieces become pictures and sound in their order; each is made, passed over or failed, and told once. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { PictureDecoder, playable, SoundDecoder } from "../../src/media/decoder.ts";
import type { Piece } from "../../src/media/piece.ts";

/** A test double of the browser's decoder: frames come when the test gives them. */
class Codec {
  static all: Codec[] = [];
  state = "unconfigured";
  given: { type: string; timestamp: number }[] = [];
  constructor(readonly how: { output(frame: unknown): void; error(error: unknown): void }) {
    Codec.all.push(this);
  }
  configure(): void {
    this.state = "configured";
  }
  decode(chunk: { type: string; timestamp: number }): void {
    if (this.state !== "configured") throw new DOMException("closed");
    this.given.push(chunk);
  }
  close(): void {
    this.state = "closed";
  }
  give(timestamp: number): { closed: boolean } {
    const frame = { timestamp, closed: false, close: () => void (frame.closed = true) };
    this.how.output(frame);
    return frame;
  }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await new Promise((done) => setImmediate(done));
};
const piece = (pts: number, codec = "vp8", key = false): Piece => ({
  pts,
  duration: 1,
  codec,
  key,
  data: new Uint8Array(Buffer.from(String(pts))),
});

let told: string[];
let pictures: PictureDecoder<Piece>;

beforeEach(() => {
  told = [];
  Codec.all = [];
  class Chunk {
    constructor(how: object) {
      Object.assign(this, how);
    }
  }
  Object.assign(globalThis, {
    VideoDecoder: Codec,
    AudioDecoder: Codec,
    EncodedVideoChunk: Chunk,
    EncodedAudioChunk: Chunk,
  });
  pictures = new PictureDecoder({
    made: (_, { pts }) => told.push(`made ${pts}`),
    passed: ({ pts }) => told.push(`passed ${pts}`),
    failed: ({ code }, { pts }) => told.push(`${code} ${pts}`),
    key: ({ pts }) => told.push(`key ${pts}`),
  });
});

test("single pictures come in order, however long each takes; a broken one is told", async () => {
  const waits: (() => void)[] = [];
  Object.assign(globalThis, {
    createImageBitmap: async (blob: Blob) => {
      const text = await blob.text();
      if (text === "0") await new Promise<void>((done) => waits.push(done));
      if (text === "1") throw new Error("no picture");
      return {};
    },
  });
  for (const pts of [0, 1, 2]) pictures.push(piece(pts, "jpeg", true));
  await settle();
  assert.deepEqual(told, []);
  for (const done of waits) done();
  await settle();
  assert.deepEqual(told, ["made 0", "decode 1", "made 2"]);
});

test("nothing is decoded before a key frame, and one is asked for", () => {
  pictures.push(piece(1));
  assert.deepEqual(told, ["passed 1", "key 1"]);
  pictures.push(piece(2, "vp8", true));
  pictures.push(piece(3));
  assert.deepEqual(
    Codec.all[0]!.given.map(({ type }) => type),
    ["key", "delta"],
  );
  for (const pts of [2, 3]) Codec.all[0]!.give(pts);
  assert.deepEqual(told.slice(2), ["made 2", "made 3"]);
});

test("a piece for which no frame came is passed over by the next; a frame of none is closed", () => {
  pictures.push(piece(1, "vp8", true));
  pictures.push(piece(2));
  assert.equal(Codec.all[0]!.give(9).closed, true);
  Codec.all[0]!.give(2);
  assert.deepEqual(told, ["passed 1", "made 2"]);
});

test("faults are mended in silence by a key frame; only many in a row are told", () => {
  for (let n = 1; n <= 4; n++) {
    pictures.push(piece(10 * n, "vp8", true));
    pictures.push(piece(10 * n + 1));
    Codec.all.at(-1)!.how.error(new Error("damaged"));
  }
  assert.equal(told.filter((each) => each.startsWith("decode")).length, 1);
  assert.deepEqual(told.slice(-3), ["passed 40", "decode 41", "key 41"]);
  pictures.push(piece(50, "vp8", true));
  Codec.all.at(-1)!.give(50);
  pictures.push(piece(60, "vp8", true));
  Codec.all.at(-1)!.how.error(new Error("damaged"));
  assert.deepEqual(told.slice(-2), ["passed 60", "key 60"], "a good one makes up for them");
});

test("another codec begins anew; what the old decoder still gives is closed", () => {
  pictures.push(piece(1, "vp8", true));
  const [old] = Codec.all;
  pictures.push(piece(2, "h264", true));
  assert.deepEqual([old!.state, old!.give(1).closed], ["closed", true]);
  old!.how.error(new Error("late"));
  Codec.all[1]!.give(2);
  assert.deepEqual(told, ["passed 1", "made 2"]);
  pictures.close();
  pictures.close();
  assert.equal(Codec.all[1]!.state, "closed");
});

test("PCM is samples at once, by channel; what is coded comes from the browser", () => {
  const sounds: unknown[] = [];
  const decoder = new SoundDecoder<Piece>({
    made: ({ channels, rate }) => sounds.push([channels.map((each) => [...each]), rate]),
    failed: ({ code }) => sounds.push(code),
  });
  decoder.push({ ...piece(0, "pcm-s16"), data: new Uint8Array([0, 0x40, 0, 0x20]), rate: 8000, channels: 2 });
  assert.deepEqual(sounds, [[[[0.5], [0.25]], 8000]]);
  decoder.push({ ...piece(1, "opus", true), rate: 48_000, channels: 1 });
  assert.equal(Codec.all[0]!.given.length, 1);
  Codec.all[0]!.how.error(new Error("damaged"));
  assert.equal(sounds.at(-1), "decode");
  decoder.close();
});

test("what is played is what the browser has, the page's wish first", () => {
  assert.deepEqual(playable(["vp8", "unknown", "jpeg"]).slice(0, 2), ["vp8", "jpeg"]);
  Object.assign(globalThis, { VideoDecoder: undefined, AudioDecoder: undefined });
  const bare = playable([]);
  assert.ok(bare.includes("jpeg") && bare.includes("pcm-s16") && !bare.includes("vp8") && !bare.includes("opus"));
});
