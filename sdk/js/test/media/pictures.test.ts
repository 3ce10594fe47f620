/** Pictures in and out: files by their bytes, data addresses, and what goes on the wire, by doubles of a canvas. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { bytesOf, dataUri } from "../../src/media/datauri.ts";
import { CanvasEncoder, toBlob } from "../../src/media/encode.ts";
import { decode, fetched, readPicture, unreadable } from "../../src/media/pictures.ts";
import { inputOf, paramsOf } from "../../src/media/recipe.ts";
import { outputOf } from "../../src/media/speaker.ts";
import { installPage } from "../doubles/page.ts";

installPage();

/** A canvas that remembers what was done to it, and encodes to bytes that say its size and type. */
class Canvas {
  width = 300;
  height = 150;
  did: unknown[] = [];
  empty = false;
  getContext(): object {
    const note =
      (name: string) =>
      (...how: unknown[]): void =>
        void this.did.push([name, ...how.filter((each) => typeof each !== "object")]);
    return {
      drawImage: note("draw"),
      clearRect: note("clear"),
      fillRect: note("fill"),
      getImageData: () => ({ data: new Uint8ClampedArray(4) }),
    };
  }
  toBlob(done: (blob: Blob | null) => void, type: string): void {
    done(this.empty ? null : new Blob([`${this.width}x${this.height}`], { type }));
  }
}

let canvases: Canvas[] = [];
const create = document.createElement.bind(document);
document.createElement = ((tag: string) => {
  if (tag !== "canvas") return create(tag);
  canvases.push(new Canvas());
  return canvases.at(-1);
}) as never;

let bitmap = {
  width: 4,
  height: 2,
  closed: 0,
  close(): void {
    this.closed += 1;
  },
};
let opened: unknown[] = [];
beforeEach(() => {
  [canvases, opened] = [[], []];
  bitmap = { ...bitmap, width: 4, height: 2, closed: 0 };
  Object.assign(globalThis, {
    HTMLCanvasElement: Canvas,
    createImageBitmap: async (of: unknown, how: unknown) => {
      opened.push(how);
      if (of instanceof Blob && (await of.text()).includes("broken")) throw new DOMException("no picture");
      return bitmap;
    },
  });
});

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0];
const file = (...bytes: number[]): Blob => new Blob([new Uint8Array(bytes)]);

test("a file is what its bytes say, whatever it is called", async () => {
  for (const [bytes, type] of [
    [PNG, "image/png"],
    [[0xff, 0xd8, 0xff, 0xe0], "image/jpeg"],
    [[..."RIFFxxxxWEBP"].map((letter) => letter.charCodeAt(0)), "image/webp"],
  ] as const)
    assert.equal((await readPicture(new Blob([new Uint8Array(bytes)], { type: "text/plain" }))).blob.type, type);
  for (const other of [file(), file(1, 2, 3), file(...PNG.slice(0, 7))])
    await assert.rejects(readPicture(other), { code: "invalid_image" });
  await assert.rejects(readPicture({ size: 33 * 2 ** 20 } as Blob), { code: "invalid_image", fix: /32 MB/ });
});

test("a huge photo is made smaller, in its shape and as its kind; bitmaps are closed", async () => {
  Object.assign(bitmap, { width: 4096, height: 1024 });
  const { blob } = await readPicture(file(0xff, 0xd8, 0xff));
  assert.deepEqual([await blob.text(), blob.type, bitmap.closed], ["2048x512", "image/jpeg", 1]);
  Object.assign(bitmap, { width: 2048, height: 2048 });
  assert.equal((await readPicture(file(...PNG))).blob.size, PNG.length, "as it is");
});

test("pictures stand upright, as their EXIF data say", async () => {
  await decode(file(1));
  assert.deepEqual(opened, [{ imageOrientation: "from-image" }]);
});

test("an address that gives no picture is told, with what to do", async (t) => {
  const answer = t.mock.method(globalThis, "fetch", async () => ({ ok: true, blob: async () => file(...PNG) }));
  assert.equal((await fetched("/fox.png")).size, PNG.length);
  answer.mock.mockImplementation((async () => ({ ok: false, status: 404, statusText: "Not Found" })) as never);
  await assert.rejects(fetched("/none.png"), { code: "invalid_image", message: /404 Not Found/ });
  answer.mock.mockImplementation((() => Promise.reject(new TypeError("refused"))) as never);
  await assert.rejects(fetched("http://other.test/x"), { fix: /CORS/ });
  assert.equal(unreadable(new Error("why")).code, "invalid_image");
});

test("data addresses are read by hand, there and back again; others are none", async () => {
  assert.deepEqual(bytesOf("data:image/png;base64,AQID"), new Uint8Array([1, 2, 3]));
  for (const none of ["data:text/plain;base64,AQID", "http://x", "data:image/png;base64,*", ""])
    assert.equal(bytesOf(none), null);
  Object.assign(globalThis, {
    FileReader: class {
      result = "";
      error: Error | null = null;
      onload = (): void => undefined;
      onerror = (): void => undefined;
      readAsDataURL(blob: Blob): void {
        void blob.arrayBuffer().then((bytes) => {
          this.result = `data:${blob.type};base64,${Buffer.from(bytes).toString("base64")}`;
          if (blob.size) this.onload();
          else this.onerror();
        });
      }
    },
  });
  const address = await dataUri(new Blob([new Uint8Array([1, 2, 3])], { type: "image/png" }));
  assert.deepEqual(bytesOf(address), new Uint8Array([1, 2, 3]));
  await assert.rejects(dataUri(new Blob([])), /unreadable/);
});

test("what is encoded goes as it is, nothing as nothing, and a canvas in the model's size", async () => {
  const encoder = new CanvasEncoder();
  const target = { width: 64, height: 32, alpha: false };
  assert.deepEqual(await encoder.encode(null, target), new Uint8Array());
  const bytes = new Uint8Array([1]);
  assert.equal(await encoder.encode(bytes, target), bytes);
  assert.deepEqual(await encoder.encode(file(7), target), new Uint8Array([7]));
  const jpeg = await encoder.encode(new Canvas() as never, target);
  assert.equal(Buffer.from(jpeg).toString(), "64x32");
  assert.deepEqual(canvases[0]!.did[0], ["fill", 0, 0, 64, 32], "on white");
});

test("a canvas that cannot be encoded is told", async () => {
  const canvas = Object.assign(new Canvas(), { empty: true });
  await assert.rejects(toBlob(canvas as never), { code: "encode", retryable: true });
});

test("a recipe's params and drawing come back; a damaged drawing does not", () => {
  const recipe = { model: "ink", seed: 5, params: { prompt: "fox" }, inputs: { sketch: "data:image/png;base64,AQID" } };
  assert.equal(paramsOf(recipe as never)["prompt"], "fox");
  assert.equal(inputOf(recipe as never, "sketch")?.size, 3);
  assert.equal(inputOf({ ...recipe, inputs: { sketch: "http://elsewhere/x.png" } } as never, "sketch"), null);
});

test("what a speaker plays goes through its node at its time; what is heard is behind by the way to the ear", (t) => {
  t.mock.method(performance, "now", () => 2050);
  const started: unknown[] = [];
  const source = {
    connect: (to: unknown) => started.push(to),
    start: (at: number) => started.push(at),
    stop: () => started.push("stop"),
    onended: null as unknown,
    buffer: null,
  };
  const context = {
    currentTime: 2,
    outputLatency: 0.03,
    baseLatency: 0.01,
    stamp: {} as object,
    getOutputTimestamp(): object {
      return this.stamp;
    },
    createBuffer: (channels: number, length: number, rate: number) => ({
      channels,
      length,
      rate,
      copyToChannel: () => started.push([channels, length, rate]),
    }),
    createBufferSource: () => source,
  };
  const output = outputOf(context as never, "node" as never);
  assert.deepEqual([output.now(), output.heard()], [2, 1.97]);
  context.stamp = { contextTime: 1.9, performanceTime: 2000 };
  assert.equal(output.heard(), 1.95);
  const ended = (): void => undefined;
  const stop = output.play([new Float32Array(320)], 16_000, 2.5, ended);
  stop();
  assert.deepEqual(started, [[1, 320, 16_000], "node", 2.5, "stop"]);
  assert.equal(source.onended, ended);
});
