/** The codec speaks the vectors that the Python codec wrote. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pack, unpack } from "../../src/client/msgpack.ts";
import type { ClientMessage } from "../../src/client/protocol.ts";
import { decode, encode } from "../../src/client/protocol.ts";
import { LivedraftError } from "../../src/errors.ts";

interface Vector {
  name: string;
  message: Record<string, unknown>;
  msgpack: string;
  code?: string;
  by?: string;
  whole_floats?: boolean;
  read?: Record<string, unknown> | null;
}

function read(file: string): Vector[] {
  return JSON.parse(readFileSync(join("../../tests/vectors", file), "utf8")) as Vector[];
}

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** Return a vector's map with its pictures as bytes. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>;
  if (typeof map["hex"] === "string" && Object.keys(map).length === 1) return bytes(map["hex"]);
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, revived(item)]));
}

function nothing(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value as object).length === 0);
}

for (const vector of read("client.json")) {
  test(`client: ${vector.name}`, () => {
    const message = revived(vector.message);
    assert.equal(Buffer.from(encode(message as ClientMessage)).toString("hex"), vector.msgpack);
    assert.deepEqual(unpack(bytes(vector.msgpack)), message);
  });
}

for (const vector of read("server.json")) {
  test(`server: ${vector.name}`, () => {
    const message = revived(vector.message) as object;
    const read = Object.entries(decode(bytes(vector.msgpack))!);
    const said = read.filter(([key, value]) => key in message || !nothing(value)); // for what was left out
    assert.deepEqual(Object.fromEntries(said), message);
    if (vector.whole_floats) return; // which JavaScript cannot tell from integers
    assert.equal(Buffer.from(pack(revived(vector.message))).toString("hex"), vector.msgpack);
  });
}

for (const vector of read("newer.json")) {
  test(`newer server: ${vector.name}`, () => {
    assert.deepEqual(decode(bytes(vector.msgpack)), revived(vector.read));
  });
}

for (const vector of read("refused.json").filter(({ by }) => by !== "server")) {
  test(`refused: ${vector.name}`, () => {
    assert.throws(
      () => decode(bytes(vector.msgpack)),
      (error) => error instanceof LivedraftError && error.code === vector.code,
    );
  });
}

test("integers take their shortest form up to 2^53", () => {
  const values = [
    0,
    127,
    128,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    -1,
    -32,
    -33,
    -128,
    -129,
    -32768,
    -32769,
    -(2 ** 31),
    -(2 ** 31) - 1,
    Number.MIN_SAFE_INTEGER,
    0.5,
    -0.1,
  ];
  for (const value of values) assert.equal(unpack(pack(value)), value);
});

test("a key that would change a map's prototype is refused", () => {
  assert.throws(() => unpack(bytes("81a95f5f70726f746f5f5fc0")), { code: "bad_message" });
});
