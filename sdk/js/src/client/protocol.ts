/** The messages of protocol version 1 (docs/reference/protocol.md) and their codec. */

import { badMessage } from "../errors.ts";
import { pack, unpack } from "./msgpack.ts";

export const VERSION = 1;
export const SUBPROTOCOL = "livedraft.v1";

export type Params = Record<string, unknown>;
export type Stage = "draft" | "preview" | "final";

export type ClientMessage =
  | { type: "open"; v: number; model?: string; params?: Params; accept?: string[]; token?: string; resume?: string }
  | { type: "input"; id: number; inputs: Record<string, Uint8Array>; params: Params }
  | { type: "params"; id: number; params: Params }
  | { type: "refine"; id: number; params: Params }
  | { type: "cancel" }
  | { type: "ack"; seq: number }
  | { type: "ping"; id?: number | null }
  | { type: "close"; code?: string; reason?: string };

/** One picture that a model takes. */
export interface InputSpec {
  name: string;
  width: number; // px
  height: number; // px
  alpha: boolean;
  required: boolean;
  description?: string;
}

/** A LoRA that a server has for a model. */
export interface LoraInfo {
  name: string;
  title?: string;
  description?: string;
}

/** A model as in `GET /v1/models`. */
export interface ModelInfo {
  id: string;
  title: string;
  width: number; // px
  height: number; // px
  alpha: boolean;
  inputs: InputSpec[];
  draft_steps: number;
  max_steps: number;
  params_schema?: Record<string, unknown>;
  loras?: LoraInfo[];
  [more: string]: unknown;
}

export interface Queued {
  type: "queued";
  position: number;
}
export interface Opened {
  type: "opened";
  v: number;
  session: string;
  resume: string;
  resumed: boolean;
  last_id: number;
  model: ModelInfo;
  params: Params;
  window: number;
  max_message_bytes: number;
  max_pixels: number;
}
export interface Ack {
  type: "ack";
  seq: number | null;
  id: number | null;
  params: Params;
}
/** What a user should know of how a picture was made; `choices` are values of `param` that may be meant. */
export interface Note {
  code: string;
  message: string;
  param: string;
  choices: string[];
}
export interface FrameMessage {
  type: "frame";
  seq: number;
  id: number;
  stage: Stage;
  model: string;
  seed: number;
  step: number;
  steps: number;
  params: Params;
  mime: string;
  width: number;
  height: number;
  image: Uint8Array;
  timings: Record<string, number>;
  dropped: number;
  batch: number;
  notes: Note[];
}
export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  retryable: boolean;
  fix: string;
  id: number | null;
  fatal: boolean;
}
export interface Pong {
  type: "pong";
  id: number | null;
}
export interface Close {
  type: "close";
  code: string;
  reason: string;
}
export type ServerMessage = Queued | Opened | Ack | FrameMessage | ErrorMessage | Pong | Close;

const stages: readonly unknown[] = ["draft", "preview", "final"];
const checks = {
  bool: (v: unknown) => typeof v === "boolean",
  bytes: (v: unknown) => v instanceof Uint8Array,
  id: (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0,
  int: (v: unknown) => Number.isSafeInteger(v),
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
};
type Kind = keyof typeof checks;

/** By type and key: the kind of the value and, where the key may be absent, its default. */
const shapes: Record<ServerMessage["type"], Record<string, [Kind, unknown?]>> = {
  queued: { position: ["int"] },
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
  },
  ack: { seq: ["id", null], id: ["id", null], params: ["map", {}] },
  frame: {
    seq: ["id"],
    id: ["id"],
    stage: ["stage"],
    model: ["text"],
    seed: ["int"],
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
  },
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

/** Return the server's message in a binary frame; throw `bad_message` if it is none. */
export function decode(bytes: Uint8Array): ServerMessage {
  const fields = unpack(bytes);
  if (!checks.map(fields)) throw badMessage("a message is a map");
  const map = fields as Record<string, unknown>;
  const type = map["type"];
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
    throw badMessage(`no message of type '${String(type).slice(0, 40)}'`);
  }
  return checked(map, type as ServerMessage["type"]);
}

function checked(map: Record<string, unknown>, type: ServerMessage["type"]): ServerMessage {
  const shape = shapes[type];
  for (const key of Object.keys(map)) {
    if (key !== "type" && !Object.hasOwn(shape, key)) throw badMessage(`'${type}' has no key '${key}'`);
  }
  const message: Record<string, unknown> = { type };
  for (const [key, rule] of Object.entries(shape)) {
    const value = map[key];
    const absent = value === undefined || (value === null && rule[1] === null);
    if (absent && rule.length === 1) throw badMessage(`${type}.${key} is missing`);
    if (!absent && !checks[rule[0]](value)) throw badMessage(`${type}.${key} is not of kind ${rule[0]}`);
    message[key] = absent ? rule[1] : value;
  }
  return message as unknown as ServerMessage;
}

/** Return the WebSocket address of a server: `/`, `http://host:port`, or a full `ws://` address. */
export function endpoint(url: string, base: string): string {
  const address = new URL(url || "/", base);
  address.protocol = address.protocol.replace(/^http/, "ws");
  address.hash = "";
  if (!address.pathname.endsWith("/v1/realtime")) {
    address.pathname = `${address.pathname.replace(/\/+$/, "")}/v1/realtime`;
  }
  return address.href;
}

/** Return a whole address, or one that is none as it is: who connects says what is wrong with it. */
export function absolute(address: string, base: string): string {
  try {
    return new URL(address, base).href;
  } catch {
    return address;
  }
}
