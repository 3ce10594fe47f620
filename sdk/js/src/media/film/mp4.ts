/**
 * Writes an MP4 of pictures and sound that are encoded already, each at the time that it was given (ISO/IEC
 * 14496-12; H.264 in 14496-15, VP9 and Opus in the bindings of their own).
 */

import { joined } from "../chunks.ts";

/** What a decoder has to know of a track. */
export interface Coding {
  kind: "video" | "audio";
  entry: Uint8Array; // the sample entry
  timescale: number; // units a second
  skip: number; // units at its beginning that an encoder of sound puts before it
  width: number; // px; 0 for sound
  height: number;
}

interface Sample {
  bytes: number;
  place: number; // bytes, in the data
  at: number; // units
  key: boolean;
}

const MOVIE = 1000; // units a second, of the film as a whole
const PART_BYTES = 1 << 20; // from so many on, data goes where the browser keeps its blobs
export const TIMESCALE = 90_000; // units a second of pictures, so that a film of hours has room for its times
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
const DATA_HEAD = 16;

/** A track, and what was put into it; times grow from sample to sample. */
export class Mp4Track {
  readonly samples: Sample[] = [];
  begins = 0; // units, of the film: what is heard before is silence
  until = 0; // units, of the track: where the newest sample ends

  constructor(readonly coding: Coding) {}
}

export class Mp4 {
  readonly tracks: Mp4Track[] = [];
  private parts: Uint8Array<ArrayBuffer>[] = [];
  private readonly blobs: Blob[] = [];
  private pending = 0; // bytes of parts
  private size = 0; // bytes of all data

  add(coding: Coding): Mp4Track {
    const track = new Mp4Track(coding);
    this.tracks.push(track);
    return track;
  }

  /** Put an encoded picture, or a packet of sound, at a time; both in units of its track. */
  write(track: Mp4Track, data: Uint8Array<ArrayBuffer>, at: number, duration: number, key: boolean): void {
    track.samples.push({ bytes: data.length, place: this.size, at, key });
    track.until = at + duration;
    this.parts.push(data);
    this.size += data.length;
    this.pending += data.length;
    if (this.pending < PART_BYTES) return;
    this.blobs.push(new Blob(this.parts));
    this.parts = [];
    this.pending = 0;
  }

  /** Return the film: what it is comes first, so that it plays while it is still being loaded. */
  finish(): Blob {
    const tracks = this.tracks.filter(({ samples }) => samples.length > 0);
    const kind = box("ftyp", text("isom"), u32(0x200), text("isomiso2mp41"));
    const before = kind.length + movie(tracks, 0).length + DATA_HEAD;
    const data = joined([u32(1), text("mdat"), numbers(halves(this.size + DATA_HEAD))]);
    const parts = [kind, movie(tracks, before), data, ...this.blobs, ...this.parts];
    return new Blob(parts, { type: "video/mp4" });
  }
}

/** Return how H.264 is decoded; `description` is the encoder's. */
export function h264(width: number, height: number, description: Uint8Array): Coding {
  return pictures("avc1", width, height, box("avcC", description));
}

/** Return how VP9 is decoded; `codec` is WebCodecs' name of it, vp09.profile.level.depth. */
export function vp9(width: number, height: number, codec: string): Coding {
  const [profile = 0, level = 31, depth = 8] = codec.split(".").slice(1).map(Number);
  const colours = [1, 1, 1]; // BT.709; what is more is in the stream
  const own = u8(profile, level, (depth << 4) | 2, ...colours, 0, 0);
  return pictures("vp09", width, height, box("vpcC", u32(1 << 24), own));
}

/** Return how Opus is decoded; `description` is the header of RFC 7845, 5.1, where the encoder gives one. */
export function opus(channels: number, rate: number, description: Uint8Array | null): Coding {
  const told = description && description.length >= 19 ? viewOf(description) : null;
  const skip = told?.getUint16(10, true) ?? 312; // libopus' own
  const own = box("dOps", u8(0, channels), u16(skip), u32(rate), u16(told?.getUint16(16, true) ?? 0), u8(0));
  const form = [u32(0), u32(1), u32(0), u32(0), u16(channels), u16(16), u32(0), u32(48_000 * 0x10000)];
  return { kind: "audio", entry: box("Opus", ...form, own), timescale: 48_000, skip, width: 0, height: 0 };
}

function pictures(name: string, width: number, height: number, own: Uint8Array): Coding {
  const form = [u32(0), u32(1), new Uint8Array(16), u16(width), u16(height)];
  const resolution = [u32(72 << 16), u32(72 << 16), u32(0), u16(1), new Uint8Array(32), u16(24), u16(0xffff)];
  return { kind: "video", entry: box(name, ...form, ...resolution, own), timescale: TIMESCALE, skip: 0, width, height };
}

function movie(tracks: readonly Mp4Track[], before: number): Uint8Array<ArrayBuffer> {
  const longest = Math.max(0, ...tracks.map(secondsOf));
  const times = [u32(0), u32(0), u32(0), u32(MOVIE), u32(Math.round(longest * MOVIE))];
  const manner = [u32(0x10000), u16(0x100), new Uint8Array(10), numbers(MATRIX), new Uint8Array(24)];
  const head = box("mvhd", ...times, ...manner, u32(tracks.length + 1));
  return box("moov", head, ...tracks.map((track, i) => trackBox(track, i + 1, before)));
}

/** Return when a track ends in the film. */
function secondsOf({ coding, begins, until }: Mp4Track): number {
  return (begins + Math.max(0, until - coding.skip)) / coding.timescale;
}

function trackBox(track: Mp4Track, id: number, start: number): Uint8Array<ArrayBuffer> {
  const { kind, width, height, timescale, skip } = track.coding;
  const shown = Math.round(secondsOf(track) * MOVIE);
  const before = Math.round((track.begins / timescale) * MOVIE);
  const edits = [...(before ? [before, -1, 0x10000] : []), shown - before, skip, 0x10000];
  const sound = kind === "audio";
  const where = [u32(0), u32(0), u16(0), u16(0), u16(sound ? 0x100 : 0), u16(0), numbers(MATRIX)];
  const size = [u32(width * 0x10000), u32(height * 0x10000)];
  const head = box("tkhd", u32(3), u32(0), u32(0), u32(id), u32(0), u32(shown), ...where, ...size);
  const edit = box("edts", box("elst", u32(0), u32(edits.length / 3), numbers(edits)));
  const times = box("mdhd", u32(0), u32(0), u32(0), u32(timescale), u32(track.until), u16(0x55c4), u16(0));
  const name = text(sound ? "sound\0" : "pictures\0");
  const handler = box("hdlr", u32(0), u32(0), text(sound ? "soun" : "vide"), new Uint8Array(12), name);
  const media = sound ? box("smhd", u32(0), u32(0)) : box("vmhd", u32(1), u32(0), u32(0));
  const here = box("dinf", box("dref", u32(0), u32(1), box("url ", u32(1))));
  const info = box("minf", media, here, samplesBox(track, start));
  return box("trak", head, edit, box("mdia", times, handler, info));
}

/** Return when each sample is due, how long it is and where it lies; `before` are the bytes before all data. */
function samplesBox({ coding, samples, until }: Mp4Track, before: number): Uint8Array<ArrayBuffer> {
  const begins = samples.map(({ at }, i) => (i ? at : 0)); // the first picture is seen until the next
  const lasts = begins.map((at, i) => (begins[i + 1] ?? until) - at);
  const runs: [number, number][] = [];
  for (const last of lasts) {
    const run = runs.at(-1);
    if (run?.[1] === last) run[0] += 1;
    else runs.push([1, last]);
  }
  const keys = samples.flatMap(({ key }, i) => (key ? [i + 1] : []));
  return box(
    "stbl",
    box("stsd", u32(0), u32(1), coding.entry),
    box("stts", u32(0), u32(runs.length), numbers(runs.flat())),
    ...(keys.length < samples.length ? [box("stss", u32(0), u32(keys.length), numbers(keys))] : []),
    box("stsc", u32(0), u32(1), u32(1), u32(1), u32(1)), // each sample for itself
    box("stsz", u32(0), u32(0), u32(samples.length), numbers(samples.map(({ bytes }) => bytes))),
    box("co64", u32(0), u32(samples.length), numbers(samples.flatMap(({ place }) => halves(before + place)))),
  );
}

function box(name: string, ...content: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, each) => sum + each.length, 8);
  return joined([u32(length), text(name), ...content]);
}

function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

function u16(value: number): Uint8Array {
  return u8(value >>> 8, value);
}

function u32(value: number): Uint8Array {
  return u8(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Return numbers of 32 bits each; a film of hours has a great many. */
function numbers(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = viewOf(bytes);
  values.forEach((value, i) => view.setUint32(i * 4, value));
  return bytes;
}

/** Return a number of 64 bits as two of 32. */
function halves(value: number): number[] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

function text(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
