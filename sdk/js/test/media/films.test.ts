/** Films of a browser carry the mark and the recipe, where each kind has its place for them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { marked } from "../../src/media/films.ts";

const recipe = { model: "head", params: { avatar: "ada", say: '<&"é' } };
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

test("an MP4 ends in a box of XMP that says its own length", async () => {
  const film = new Blob([new Uint8Array(100)], { type: "video/mp4" });
  const bytes = await bytesOf(marked(film, recipe));
  const box = bytes.subarray(100);
  const view = new DataView(box.buffer, box.byteOffset);
  assert.equal(view.getUint32(0), box.length);
  const text = new TextDecoder().decode(box);
  assert.match(text, /^.{4}uuid/s);
  assert.match(text, /digitalsourcetype\/trainedAlgorithmicMedia"/);
  const own = /livedraft:recipe="([^"]*)"/.exec(text)![1]!;
  const plain = own.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  assert.deepEqual(JSON.parse(plain), recipe);
});

/** Read EBML elements whose sizes take eight bytes. */
function elements(bytes: Uint8Array, idLength: number[]): Map<string, Uint8Array[]> {
  const found = new Map<string, Uint8Array[]>();
  for (let at = 0; at < bytes.length; ) {
    const length = idLength[0]!;
    const id = Buffer.from(bytes.subarray(at, at + length)).toString("hex");
    const size = new DataView(bytes.buffer, bytes.byteOffset + at + length).getUint32(4);
    found.set(id, [...(found.get(id) ?? []), bytes.subarray(at + length + 8, at + length + 8 + size)]);
    at += length + 8 + size;
  }
  return found;
}

test("a WebM ends in tags", async () => {
  const film = new Blob([new Uint8Array(50)], { type: "video/webm" });
  const bytes = await bytesOf(marked(film, recipe));
  const [tags] = elements(bytes.subarray(50), [4]).get("1254c367")!;
  const [tag] = elements(tags!, [2]).get("7373")!;
  const simple = elements(tag!, [2]).get("67c8")!;
  const read = simple.map((each) => {
    const parts = elements(each, [2]);
    return ["45a3", "4487"].map((id) => new TextDecoder().decode(parts.get(id)![0]));
  });
  assert.equal(read[0]![0], "DIGITAL_SOURCE_TYPE");
  assert.match(read[0]![1]!, /trainedAlgorithmicMedia$/);
  assert.deepEqual([read[1]![0], JSON.parse(read[1]![1]!)], ["LIVEDRAFT", recipe]);
});

test("a film of another kind stays as it is", () => {
  const film = new Blob(["x"], { type: "video/ogg" });
  assert.equal(marked(film, recipe), film);
});
