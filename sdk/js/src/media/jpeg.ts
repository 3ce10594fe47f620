/** A JPEG's recipe and mark, where Python writes and reads them: EXIF's UserComment, and XMP. */

import { joined } from "./chunks.ts";
import type { Making, Recipe } from "./recipe.ts";
import { KEYWORD, xmp } from "./recipe.ts";

const MOST_BYTES = 60_000; // of a recipe: EXIF is one segment, of 64 kB
const [EXIF_IFD, USER_COMMENT] = [0x8769, 0x9286]; // tags of EXIF 3.0
const [LONG, UNDEFINED] = [4, 7]; // types of TIFF
const toBytes = new TextEncoder();

/** Return a JPEG as a canvas writes it, without metadata, with its recipe and the mark. A recipe that is too long is left out. */
export function writeJpegRecipe(jpeg: Uint8Array, recipe: Recipe, making: Making | null): Uint8Array<ArrayBuffer> {
  const text = ascii(JSON.stringify(recipe));
  const exif = text.length <= MOST_BYTES ? [segment(`Exif\0\0`, tiff(`ASCII\0\0\0${KEYWORD}:${text}`))] : [];
  const mark = making ? [segment("http://ns.adobe.com/xap/1.0/\0", toBytes.encode(xmp(making)))] : [];
  return joined([jpeg.subarray(0, 2), ...exif, ...mark, jpeg.subarray(2)]);
}

/** Write what is no ASCII as JSON's own escapes, as the field wants it. */
function ascii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Return an APP1 segment. */
function segment(name: string, body: Uint8Array): Uint8Array {
  const head = toBytes.encode(name);
  const length = 2 + head.length + body.length;
  return joined([new Uint8Array([0xff, 0xe1, length >> 8, length & 0xff]), head, body]);
}

/** Return EXIF with one tag, big-endian: a directory that points to another, which holds the comment. */
function tiff(comment: string): Uint8Array {
  const text = toBytes.encode(comment);
  const [first, second] = [8, 26]; // offsets of the two directories: each of one entry is 18 bytes long
  const body = new Uint8Array(44 + text.length);
  const view = new DataView(body.buffer);
  const entry = (at: number, tag: number, type: number, count: number, value: number): void => {
    view.setUint16(at, 1); // entries
    view.setUint16(at + 2, tag);
    view.setUint16(at + 4, type);
    view.setUint32(at + 6, count);
    view.setUint32(at + 10, value);
  };
  body.set([0x4d, 0x4d, 0, 42]); // "MM", and TIFF's number
  view.setUint32(4, first);
  entry(first, EXIF_IFD, LONG, 1, second);
  entry(second, USER_COMMENT, UNDEFINED, text.length, 44);
  body.set(text, 44);
  return body;
}
