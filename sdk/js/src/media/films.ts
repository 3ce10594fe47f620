/**
 * Marks films as a browser records them: that a model made them, and from what. An MP4 gets XMP in a box at
 * its end (XMP part 3, 1.2.7), a WebM tags (RFC 9559, 5.1.8): nothing in them moves.
 */

import { joined } from "./chunks.ts";
import type { Making, Recipe } from "./recipe.ts";
import { makingOf, xmp } from "./recipe.ts";

const XMP_UUID = [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
const TAGS = [0x12, 0x54, 0xc3, 0x67];
const TAG = [0x73, 0x73];
const TARGETS = [0x63, 0xc0];
const SIMPLE_TAG = [0x67, 0xc8];
const TAG_NAME = [0x45, 0xa3];
const TAG_STRING = [0x44, 0x87];
const SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/";
const toUtf8 = new TextEncoder();

/** What this browser records, best first. */
export const RECORDED = [
  "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
  "video/mp4;codecs=avc1.42E01F,opus",
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=vp8,opus",
  "video/webm",
];

/** Return a film with the mark and the recipe; one of another kind as it is. */
export function marked(film: Blob, recipe: Recipe, making: Making | null = makingOf(recipe)): Blob {
  const { type } = film;
  if (type.startsWith("video/mp4")) return new Blob([film, box(recipe, making)], { type });
  if (type.startsWith("video/webm")) return new Blob([film, tags(recipe, making)], { type });
  return film;
}

function box(recipe: Recipe, making: Making | null): Uint8Array<ArrayBuffer> {
  const own = ` xmlns:livedraft="urn:livedraft" livedraft:recipe="${escaped(JSON.stringify(recipe))}"`;
  const body = toUtf8.encode(xmp(making, own));
  const head = new Uint8Array(8 + XMP_UUID.length);
  new DataView(head.buffer).setUint32(0, head.length + body.length);
  head.set(toUtf8.encode("uuid"), 4);
  head.set(XMP_UUID, 8);
  return joined([head, body]);
}

function tags(recipe: Recipe, making: Making | null): Uint8Array<ArrayBuffer> {
  const tag = (name: string, text: string): Uint8Array =>
    element(SIMPLE_TAG, element(TAG_NAME, toUtf8.encode(name)), element(TAG_STRING, toUtf8.encode(text)));
  const mark = making ? [tag("DIGITAL_SOURCE_TYPE", SOURCES + making)] : [];
  const all = [...mark, tag("LIVEDRAFT", JSON.stringify(recipe))];
  return element(TAGS, element(TAG, element(TARGETS), ...all));
}

/** Return an EBML element; its size takes eight bytes, whatever it is. */
function element(id: readonly number[], ...content: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = new Uint8Array(8);
  const view = new DataView(size.buffer);
  view.setUint32(
    4,
    content.reduce((sum, part) => sum + part.length, 0),
  );
  view.setUint8(0, 0x01);
  return joined([Uint8Array.from(id), size, ...content]);
}

function escaped(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };
  return text.replace(/[&<"]/g, (sign) => signs[sign] ?? sign);
}
