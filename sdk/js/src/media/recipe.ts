/**
 * A picture's recipe in a PNG: an iTXt chunk named `livedraft` that holds JSON. What has one was
 * made by a model, and says so beside it: IPTC's DigitalSourceType, in XMP.
 */

import { crc32, joined } from "./chunks.ts";
import { bytesOf } from "./datauri.ts";

export const KEYWORD = "livedraft";
const XMP_KEYWORD = "XML:com.adobe.xmp";
const SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/";
const XMP =
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
  "%/></rdf:RDF></x:xmpmeta>" +
  '<?xpacket end="w"?>';
const MOST_BYTES = 8 * 2 ** 20; // of a recipe, as Python reads it; a photograph of 1024 × 1024 px is up to 6 MiB
const DRAWING = ["inputs", "strokes"]; // of a recipe, what most of its length is
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export type Recipe = Record<string, unknown>;

/** What made a picture: a model alone, or a model within somebody's photograph. */
export type Making = "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";

interface Chunk {
  type: string;
  start: number; // of the whole chunk, its length first
  end: number; // behind its checksum
}

/** Return what a file with this recipe says of its making; null where the server has none marked. */
export function makingOf(recipe: Recipe): Making | null {
  const told = recipe["digital_source_type"];
  if (told === "none") return null;
  return told === "compositeWithTrainedAlgorithmicMedia" ? told : "trainedAlgorithmicMedia";
}

/** Return the key of a recipe for what a server tells of a picture or of a model; nothing for the usual mark. */
export function markOf(told: unknown): Recipe {
  const other = typeof told === "string" && told !== "trainedAlgorithmicMedia";
  return other ? { digital_source_type: told } : {};
}

/** Return the XMP that says what made a picture, with attributes beside it. */
export function xmp(making: Making | null, attributes = ""): string {
  const space = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"';
  const mark = making ? `${space} Iptc4xmpExt:DigitalSourceType="${SOURCES}${making}"` : "";
  return XMP.replace("%", () => mark + attributes);
}

/** Return the PNG with this recipe and the mark, in place of any that it had; without the drawing if that is too long. */
export function writeRecipe(
  png: Uint8Array,
  recipe: Recipe,
  making: Making | null = makingOf(recipe),
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [png.subarray(0, SIGNATURE.length)];
  for (const chunk of chunks(png)) {
    if (chunk.type === "iTXt" && [KEYWORD, XMP_KEYWORD].includes(keyword(png, chunk))) continue;
    parts.push(png.subarray(chunk.start, chunk.end));
    if (chunk.type !== "IHDR") continue;
    parts.push(textChunk(KEYWORD, textOf(recipe)));
    if (making) parts.push(textChunk(XMP_KEYWORD, xmp(making)));
  }
  return joined(parts);
}

function textOf(recipe: Recipe): string {
  const whole = JSON.stringify(recipe);
  if (whole.length <= MOST_BYTES) return whole;
  return JSON.stringify(Object.fromEntries(Object.entries(recipe).filter(([key]) => !DRAWING.includes(key))));
}

/** Return the recipe that a PNG carries; null for any other file, or where there is none. */
export function readRecipe(file: Uint8Array): Recipe | null {
  if (!SIGNATURE.every((byte, i) => file[i] === byte)) return null;
  for (const chunk of chunks(file)) {
    if (chunk.type !== "iTXt" || keyword(file, chunk) !== KEYWORD) continue;
    return parse(file.subarray(chunk.start + 8, chunk.end - 4));
  }
  return null;
}

/** Read keyword NUL, compressed, method, language NUL, translated keyword NUL, text. */
function parse(data: Uint8Array): Recipe | null {
  const compressed = data[KEYWORD.length + 1];
  const language = data.indexOf(0, KEYWORD.length + 3);
  const translated = data.indexOf(0, language + 1);
  if (compressed !== 0 || language < 0 || translated < 0) return null;
  try {
    const value: unknown = JSON.parse(fromUtf8.decode(data.subarray(translated + 1)));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Recipe) : null;
  } catch {
    return null; // somebody else's text under our keyword
  }
}

function keyword(png: Uint8Array, chunk: Chunk): string {
  const data = png.subarray(chunk.start + 8, chunk.end - 4);
  const end = data.subarray(0, 80).indexOf(0);
  return end < 0 ? "" : fromUtf8.decode(data.subarray(0, end));
}

function* chunks(png: Uint8Array): Generator<Chunk> {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let start = SIGNATURE.length;
  while (start + 12 <= png.length) {
    const end = start + 12 + view.getUint32(start);
    if (end > png.length) return; // cut off
    yield { type: fromUtf8.decode(png.subarray(start + 4, start + 8)), start, end };
    start = end;
  }
}

function textChunk(name: string, text: string): Uint8Array {
  const body = toUtf8.encode(`iTXt${name}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return chunk;
}

/** Return the params of a recipe, but for the size: that was the file's, and not the drawing's. */
export function paramsOf(recipe: Recipe): Recipe {
  const params = recipe["params"];
  if (typeof params !== "object" || params === null) return {};
  const { size: _, ...others } = params as Recipe;
  return others;
}

/** Return a picture that a recipe carries: the drawing, or its mask. */
export function inputOf(recipe: Recipe, name: "sketch" | "mask"): Blob | null {
  const inputs = recipe["inputs"] as Record<string, unknown> | undefined;
  const picture = inputs?.[name];
  const bytes = typeof picture === "string" ? bytesOf(picture) : null;
  return bytes && new Blob([bytes]);
}
