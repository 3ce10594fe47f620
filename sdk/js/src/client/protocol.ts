/** The messages of protocol version 1 (docs/reference/protocol.md) and their codec. */

import { badMessage } from "../errors.ts";
import type { ClientMessage, Params, ServerMessage } from "./messages.ts";
import { pack, unpack } from "./msgpack.ts";

export const VERSION = 1;
export const SUBPROTOCOL = "livedraft.v1";

export type * from "./messages.ts";

const stages: readonly unknown[] = ["draft", "preview", "final"];
const checks = {
  bool: (v: unknown) => typeof v === "boolean",
  bytes: (v: unknown) => v instanceof Uint8Array,
  id: (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0,
  int: (v: unknown) => Number.isSafeInteger(v),
  lora: (v: unknown): boolean =>
    checks.map(v) && ["name", "title", "description"].every((key) => checks.text((v as Params)[key])),
  loras: (v: unknown): boolean => Array.isArray(v) && v.every(checks.lora),
  map: (v: unknown) => typeof v === "object" && v !== null && !Array.isArray(v) && !(v instanceof Uint8Array),
  note: (v: unknown): boolean =>
    checks.map(v) &&
    ["code", "message", "param"].every((key) => checks.text((v as Params)[key])) &&
    checks.texts((v as Params)["choices"]),
  notes: (v: unknown): boolean => Array.isArray(v) && v.every(checks.note),
  numbers: (v: unknown): boolean => checks.map(v) && Object.values(v as object).every((n) => typeof n === "number"),
  stage: (v: unknown) => stages.includes(v),
  text: (v: unknown) => typeof v === "string",
  texts: (v: unknown): boolean => Array.isArray(v) && v.every(checks.text),
  track: (v: unknown): boolean =>
    checks.map(v) &&
    ["name", "way", "kind", "policy"].every((key) => checks.text((v as Params)[key])) &&
    checks.texts((v as Params)["codecs"]),
  tracks: (v: unknown): boolean => Array.isArray(v) && v.every(checks.track),
};
type Kind = keyof typeof checks;

/** By type and key: the kind of the value and, where the key may be absent, its default; `undefined` leaves it out. */
const shapes: Record<ServerMessage["type"], Record<string, [Kind, unknown?]>> = {
  loading: {
    model: ["text"],
    title: ["text"],
    state: ["text"],
    done: ["int"],
    total: ["int"],
    unit: ["text", ""],
    message: ["text"],
    served: ["bool", undefined],
  },
  queued: { position: ["int"] },
  switched: { id: ["id"], model: ["map"], params: ["map"], tracks: ["tracks", []] },
  loras: { model: ["text"], loras: ["loras"], params: ["map"] },
  opened: {
    v: ["int", VERSION],
    session: ["text"],
    resume: ["text"],
    resumed: ["bool", false],
    last_id: ["id", 0],
    model: ["map"],
    params: ["map"],
    window: ["int"],
    max_message_bytes: ["int"],
    max_pixels: ["int"],
    features: ["texts", undefined],
    tracks: ["tracks", undefined],
    media_window_ms: ["int", undefined],
    refine_model: ["map", undefined],
  },
  progress: {
    id: ["id"],
    model: ["text"],
    step: ["int", 0],
    steps: ["int", 0],
    notes: ["notes", []],
    done: ["bool", false],
  },
  film: {
    id: ["id"],
    model: ["text"],
    seed: ["int", null],
    params: ["map"],
    mime: ["text"],
    width: ["int"],
    height: ["int"],
    frames: ["int"],
    duration: ["id"],
    data: ["bytes"],
    notes: ["notes", []],
    about: ["map", {}],
  },
  ack: { seq: ["id", null], id: ["id", null], params: ["map", {}] },
  frame: {
    seq: ["id"],
    id: ["id"],
    stage: ["stage"],
    model: ["text"],
    seed: ["int", null],
    step: ["int"],
    steps: ["int"],
    params: ["map"],
    mime: ["text"],
    width: ["int"],
    height: ["int"],
    image: ["bytes"],
    timings: ["numbers"],
    dropped: ["int", 0],
    batch: ["int", 1],
    notes: ["notes", []],
    data: ["map", {}],
  },
  media: {
    track: ["text"],
    id: ["id"],
    pts: ["id"],
    duration: ["id"],
    codec: ["text"],
    key: ["bool", true],
    rate: ["int", 0],
    channels: ["int", 0],
    data: ["bytes"],
    seq: ["id", null],
    dropped: ["int", 0],
    dropped_us: ["int", 0],
    timings: ["numbers", {}],
    notes: ["notes", []],
    about: ["map", {}],
  },
  key: { track: ["text"] },
  error: {
    code: ["text"],
    message: ["text"],
    retryable: ["bool", false],
    fix: ["text", ""],
    id: ["id", null],
    fatal: ["bool", false],
  },
  pong: { id: ["id", null] },
  close: { code: ["text", "done"], reason: ["text", ""] },
};

/** Return a client's message as msgpack. */
export function encode(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return pack(message);
}

/**
 * Return the server's message in a binary frame; throw `bad_message` if it is none. A server may be
 * newer than this client: a message of a type that is not known is null, unknown keys are left out.
 */
export function decode(bytes: Uint8Array): ServerMessage | null {
  const fields = unpack(bytes);
  if (!checks.map(fields)) throw badMessage("a message is a map");
  const map = fields as Record<string, unknown>;
  const type = map["type"];
  if (typeof type !== "string") throw badMessage(`no message of type '${String(type).slice(0, 40)}'`);
  if (!Object.hasOwn(shapes, type)) return null;
  return checked(map, type as ServerMessage["type"]);
}

function checked(map: Record<string, unknown>, type: ServerMessage["type"]): ServerMessage {
  const shape = shapes[type];
  const message: Record<string, unknown> = { type };
  for (const [key, rule] of Object.entries(shape)) {
    const value = map[key];
    const absent = value === undefined || (value === null && rule[1] === null);
    if (absent && rule.length === 1) throw badMessage(`${type}.${key} is missing`);
    if (!absent && !checks[rule[0]](value)) throw badMessage(`${type}.${key} is not of kind ${rule[0]}`);
    const held = absent ? rule[1] : value;
    if (held !== undefined) message[key] = held;
  }
  return message as unknown as ServerMessage;
}
