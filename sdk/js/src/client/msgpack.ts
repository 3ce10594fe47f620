/** msgpack maps to JavaScript values and back: the part of the format that the protocol uses. */

import { badMessage } from "../errors.ts";

export type Value = null | boolean | number | string | Uint8Array | Value[] | { [key: string]: Value };

const MAX_DEPTH = 100;
const toUtf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Return a value's bytes; integers take their shortest form, `undefined` values are left out. */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  out.value(value);
  return out.bytes();
}

/** Return the one value in the bytes; throw `bad_message` on anything else. */
export function unpack(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.left) throw badMessage(`not msgpack: ${reader.left} bytes too many`);
  return value;
}

class Writer {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private at = 0;

  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.at);
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.byte(0xc0);
    else if (typeof value === "boolean") this.byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.string(value);
    else if (value instanceof Uint8Array) this.binary(value);
    else if (Array.isArray(value)) this.array(value);
    else if (typeof value === "object") this.map(value);
    else throw new TypeError(`${typeof value} does not go into msgpack`);
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      const at = this.head(0xcb, 8);
      this.view.setFloat64(at, value);
    } else if (value >= 0) this.unsigned(value);
    else this.signed(value);
  }

  private unsigned(value: number): void {
    if (value < 0x80) this.byte(value);
    else if (value < 0x100) this.view.setUint8(this.head(0xcc, 1), value);
    else if (value < 0x10000) this.view.setUint16(this.head(0xcd, 2), value);
    else if (value < 0x100000000) this.view.setUint32(this.head(0xce, 4), value);
    else this.view.setBigUint64(this.head(0xcf, 8), BigInt(value));
  }

  private signed(value: number): void {
    if (value >= -0x20) this.byte(value & 0xff);
    else if (value >= -0x80) this.view.setInt8(this.head(0xd0, 1), value);
    else if (value >= -0x8000) this.view.setInt16(this.head(0xd1, 2), value);
    else if (value >= -0x80000000) this.view.setInt32(this.head(0xd2, 4), value);
    else this.view.setBigInt64(this.head(0xd3, 8), BigInt(value));
  }

  private string(value: string): void {
    const bytes = toUtf8.encode(value);
    if (bytes.length < 32) this.byte(0xa0 | bytes.length);
    else this.length(bytes.length, 0xd9, 0xda, 0xdb);
    this.raw(bytes);
  }

  private binary(bytes: Uint8Array): void {
    this.length(bytes.length, 0xc4, 0xc5, 0xc6);
    this.raw(bytes);
  }

  private array(values: unknown[]): void {
    if (values.length < 16) this.byte(0x90 | values.length);
    else this.length(values.length, 0, 0xdc, 0xdd);
    for (const value of values) this.value(value);
  }

  private map(value: object): void {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length < 16) this.byte(0x80 | entries.length);
    else this.length(entries.length, 0, 0xde, 0xdf);
    for (const [key, item] of entries) {
      this.string(key);
      this.value(item);
    }
  }

  /** Write a length after its tag; a tag of 0 means that the format has no 8-bit form. */
  private length(length: number, tag8: number, tag16: number, tag32: number): void {
    if (tag8 && length < 0x100) this.view.setUint8(this.head(tag8, 1), length);
    else if (length < 0x10000) this.view.setUint16(this.head(tag16, 2), length);
    else this.view.setUint32(this.head(tag32, 4), length);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Write a tag and return where its `size` bytes go. */
  private head(tag: number, size: number): number {
    this.reserve(size + 1);
    this.buffer[this.at] = tag;
    const at = this.at + 1;
    this.at = at + size;
    return at;
  }

  private reserve(size: number): void {
    if (this.at + size <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.at + size));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}

class Reader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  value(depth: number): Value {
    if (depth > MAX_DEPTH) throw badMessage("not msgpack: nested too deep");
    const tag = this.view.getUint8(this.take(1));
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.array(tag & 0x0f, depth);
    if (tag < 0xc0) return this.string(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    return this.tagged(tag, depth);
  }

  private tagged(tag: number, depth: number): Value {
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.binary(this.length(tag - 0xc4));
      case 0xca:
        return this.view.getFloat32(this.take(4));
      case 0xcb:
        return this.view.getFloat64(this.take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.length(tag - 0xcc);
      case 0xcf:
        return this.wide(this.view.getBigUint64(this.take(8)));
      case 0xd0:
        return this.view.getInt8(this.take(1));
      case 0xd1:
        return this.view.getInt16(this.take(2));
      case 0xd2:
        return this.view.getInt32(this.take(4));
      case 0xd3:
        return this.wide(this.view.getBigInt64(this.take(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.string(this.length(tag - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.array(this.length(tag - 0xdb), depth);
      case 0xde:
      case 0xdf:
        return this.map(this.length(tag - 0xdd), depth);
      default:
        throw badMessage(`not msgpack: tag 0x${tag.toString(16)}`);
    }
  }

  /** Read an unsigned number of 8, 16 or 32 bits; `size` is the power of two in bytes. */
  private length(size: number): number {
    if (size === 0) return this.view.getUint8(this.take(1));
    return size === 1 ? this.view.getUint16(this.take(2)) : this.view.getUint32(this.take(4));
  }

  private wide(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw badMessage("not msgpack: a number beyond 2^53");
    return number;
  }

  private string(length: number): string {
    const at = this.take(length);
    try {
      return fromUtf8.decode(this.bytes.subarray(at, at + length));
    } catch {
      throw badMessage("not msgpack: a string is not UTF-8");
    }
  }

  private binary(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  private array(length: number, depth: number): Value[] {
    if (length > this.left) throw badMessage("not msgpack: cut off");
    return Array.from({ length }, () => this.value(depth + 1));
  }

  private map(length: number, depth: number): { [key: string]: Value } {
    if (length > this.left) throw badMessage("not msgpack: cut off");
    const map: { [key: string]: Value } = {};
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" || key === "__proto__") {
        throw badMessage("not msgpack: a key is not a plain string");
      }
      map[key] = this.value(depth + 1);
    }
    return map;
  }

  private take(size: number): number {
    const at = this.at;
    if (size > this.left) throw badMessage("not msgpack: cut off");
    this.at += size;
    return at;
  }
}
