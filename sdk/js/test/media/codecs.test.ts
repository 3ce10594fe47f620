/** Frames that need others: none is played without them, and what fails is mended or told. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { LivedraftError } from "../../src/errors.ts";
import { PictureDecoder, playable, SoundDecoder } from "../../src/media/decoder.ts";
import { encodable, MovingEncoder } from "../../src/media/moving.ts";
import type { Piece } from "../../src/media/piece.ts";
import { Voice } from "../../src/media/voice.ts";
import { DoubleChunk, DoubleCodec, DoubleFrame, install } from "../doubles/codecs.ts";

beforeEach(install);

const piece = (pts: number, more: Partial<Piece> = {}): Piece => ({
  pts,
  duration: 33_333,
  codec: "vp8",
  key: pts === 0,
  data: new Uint8Array([1, 2]),
  ...more,
});
const frame = (pts: number): DoubleFrame => new DoubleFrame(null, { timestamp: pts });
const codec = (): DoubleCodec => DoubleCodec.made.at(-1)!;

/** Return a decoder, and what it tells, each as a word and the time of its piece. */
function decoder(): [PictureDecoder<Piece>, string[]] {
  const told: string[] = [];
  const events = {
    made: (_: unknown, { pts }: Piece) => void told.push(`made ${pts}`),
    passed: ({ pts }: Piece) => void told.push(`passed ${pts}`),
    failed: (_: LivedraftError, { pts }: Piece) => void told.push(`failed ${pts}`),
    key: ({ pts }: Piece) => void told.push(`key ${pts}`),
  };
  return [new PictureDecoder(events), told];
}

test("frames come out with the pieces that they were in, and what has none is passed over", () => {
  const [decoding, told] = decoder();
  for (const pts of [0, 1, 2]) decoding.push(piece(pts));
  codec().give(frame(0));
  codec().give(frame(2));
  const stray = frame(9);
  codec().give(stray);
  assert.deepEqual(told, ["made 0", "passed 1", "made 2"]);
  assert.equal(stray.closed, true);
  assert.deepEqual([codec().config["codec"], codec().config["optimizeForLatency"]], ["vp8", true]);
});

test("without a key frame nothing is decoded, and one is asked for", () => {
  const [decoding, told] = decoder();
  decoding.push(piece(1));
  assert.deepEqual(told, ["passed 1", "key 1"]);
  assert.equal(DoubleCodec.made.length, 0);
});

test("a fault is mended in silence by the next key frame, and told when there are many in a row", () => {
  const [decoding, told] = decoder();
  for (const _ of [1, 2, 3, 4]) {
    decoding.push(piece(0));
    decoding.push(piece(1));
    const broken = codec();
    broken.fail();
    broken.fail(); // late words of one that is closed
    broken.give(frame(1));
  }
  const mended = ["passed 0", "passed 1", "key 1"];
  assert.deepEqual(told, [...mended, ...mended, ...mended, "passed 0", "failed 1", "key 1"]);
  decoding.push(piece(0));
  codec().give(frame(0));
  assert.equal(told.at(-1), "made 0");
});

test("what a decoder refuses at once is mended too, and another codec has a decoder of its own", () => {
  const [decoding, told] = decoder();
  DoubleCodec.refuses = true;
  decoding.push(piece(0));
  assert.deepEqual(told, ["passed 0", "key 0"]);
  DoubleCodec.refuses = false;
  decoding.push(piece(0));
  decoding.push(piece(0, { codec: "h264" }));
  assert.deepEqual(
    DoubleCodec.made.map(({ config, state }) => [config["codec"], state]),
    [
      ["vp8", "closed"],
      ["vp8", "closed"],
      ["avc1.42E01F", "configured"],
    ],
  );
  decoding.close();
  assert.equal(codec().state, "closed");
});

test("what is wished for comes first of what this browser plays", () => {
  assert.deepEqual(playable(["vp8", "opus", "av1"]).slice(0, 3), ["vp8", "opus", "jpeg"]);
  assert.deepEqual(playable([]), ["jpeg", "webp", "png", "h264", "vp8", "pcm-s16", "opus"]);
});

test("sound in packets comes out in their order, and a broken decoder is told", () => {
  const told: [string, number][] = [];
  const sounds = new SoundDecoder<Piece>({
    made: ({ channels, rate }, { pts }) => told.push([`${rate} Hz, ${channels[0]![0]}`, pts]),
    failed: (_, { pts }) => told.push(["failed", pts]),
  });
  const packet = { codec: "opus", rate: 48_000, channels: 1 };
  for (const pts of [0, 20_000, 40_000]) sounds.push(piece(pts, packet));
  codec().give(frame(0));
  codec().fail();
  sounds.push(piece(60_000, { ...packet, codec: "pcm-s16", data: new Uint8Array([0, 64]) }));
  assert.deepEqual(told, [
    ["48000 Hz, 0.5", 0],
    ["failed", 20_000],
    ["failed", 40_000],
    ["48000 Hz, 0.5", 60_000],
  ]);
  sounds.close();
});

const FORMAT = { width: 64, height: 48, rate: 30, codec: "vp8" };

/** Encode a frame; the double answers at once, with nothing, or with a packet. */
async function encoded(encoder: MovingEncoder, pts: number, left = false): Promise<Piece | null> {
  const made = encoder.encode({} as OffscreenCanvas, pts, 33_333);
  const key = codec().keys.at(-1)!;
  if (!left) codec().give(new DoubleChunk({ type: key ? "key" : "delta", timestamp: pts, data: new Uint8Array([7]) }));
  return made;
}

test("the first frame is a key frame, and any that is asked for, though one be left out", async () => {
  const encoder = new MovingEncoder(FORMAT);
  assert.deepEqual((await encoded(encoder, 0))?.key, true);
  assert.deepEqual(await encoded(encoder, 1), {
    pts: 1,
    duration: 33_333,
    codec: "vp8",
    key: false,
    data: new Uint8Array([7]),
  });
  encoder.key();
  assert.equal(await encoded(encoder, 2, true), null);
  assert.equal((await encoded(encoder, 3))?.key, true);
  codec().fail();
  await assert.rejects(encoder.encode({} as OffscreenCanvas, 4, 33_333), /spoilt/);
  encoder.close();
  assert.deepEqual(await encodable(), ["vp8"]);
});

test("the microphone's packets go in Opus, and as they come once its encoder fails", () => {
  const made: Piece[] = [];
  const voice = new Voice((each) => made.push(each));
  const pcm = (pts: number): Piece =>
    piece(pts, { codec: "pcm-s16", rate: 16_000, channels: 1, data: new Uint8Array(640) });
  voice.push(pcm(0));
  const packet = { type: "key", timestamp: 0, duration: 20_000, data: new Uint8Array([8]) };
  codec().give(new DoubleChunk(packet));
  codec().give(new DoubleChunk(packet)); // times only grow
  codec().fail();
  voice.push(pcm(20_000));
  assert.deepEqual(
    made.map(({ codec: name, pts, rate }) => [name, pts, rate]),
    [
      ["opus", 0, 16_000],
      ["opus", 1, 16_000],
      ["pcm-s16", 20_000, 16_000],
    ],
  );
  DoubleCodec.refuses = true;
  const other = new Voice((each) => made.push(each));
  other.push(pcm(40_000));
  assert.equal(made.at(-1)?.codec, "pcm-s16");
  other.close();
});
