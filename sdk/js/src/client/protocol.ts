/** The messages of protocol version 1 (docs/reference/protocol.md) and their codec. */

import { badMessage } from "../errors.ts";
import { pack, unpack } from "./msgpack.ts";

export const VERSION = 1;
export const SUBPROTOCOL = "livedraft.v1";

export type Params = Record<string, unknown>;
export type Stage = "draft" | "preview" | "final";

export type ClientMessage =
  | {
      type: "open";
      v: number;
      model?: string;
      params?: Params;
      accept?: string[];
      token?: string;
      resume?: string;
      features?: string[];
      codecs?: string[];
      refine_model?: string; // what makes the final pictures; empty: the same model
    }
  | { type: "input"; id: number; inputs: Record<string, Uint8Array>; params: Params }
  | MediaInput
  | { type: "params"; id: number; params: Params }
  | { type: "refine"; id: number; params: Params; refine_model?: string }
  | { type: "switch"; id: number; model: string; params: Params }
  | { type: "cancel" }
  | { type: "ack"; seq: number }
  | { type: "ping"; id?: number | null }
  | { type: "close"; code?: string; reason?: string };

/** A piece of sound or of moving pictures; times are µs on the sender's media clock. */
export interface Media {
  type: "media";
  track: string;
  id: number;
  pts: number;
  duration: number;
  codec: string;
  key: boolean;
  rate: number;
  channels: number; // of sound
  data: Uint8Array;
}
export type MediaInput = Pick<Media, "type" | "track" | "id" | "pts" | "duration" | "codec" | "data"> & Partial<Media>;
export interface MediaMessage extends Media {
  seq: number | null;
  dropped: number;
  dropped_us: number;
  timings: Record<string, number>;
}

/** One way in or out of a session that speaks `media`; 0 is any. */
export interface Track {
  name: string;
  way: "in" | "out";
  kind: "image" | "video" | "audio";
  policy: "latest" | "append" | "";
  max_s: number; // of an `append` input: how much may wait
  codecs: string[]; // the likeliest first
  width: number; // px
  height: number; // px
  rate: number; // frames or samples a second
  channels: number;
  required: boolean;
}

/** One thing that a model takes; of moving pictures and sound, tracks say more. */
export interface InputSpec {
  name: string;
  kind?: "image" | "video" | "audio"; // a picture, where nothing is said
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
  outputs?: { name: string; kind: "image" | "video" | "audio" }[]; // pictures, where nothing is said
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
  features?: string[]; // of those in `open`; only for those who asked, as what follows
  tracks?: Track[];
  media_window_ms?: number;
  refine_model?: ModelInfo; // where another model makes the final pictures
}
/** The model that drafts from now on, after `switch`. */
export interface Switched {
  type: "switched";
  id: number;
  model: ModelInfo;
  params: Params;
  tracks: Track[];
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
export type ServerMessage =
  | Queued
  | Opened
  | Switched
  | Ack
  | FrameMessage
  | MediaMessage
  | ErrorMessage
  | Pong
  | Close;

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
  track: (v: unknown): boolean =>
    checks.map(v) &&
    ["name", "way", "kind", "policy"].every((key) => checks.text((v as Params)[key])) &&
    checks.texts((v as Params)["codecs"]),
  tracks: (v: unknown): boolean => Array.isArray(v) && v.every(checks.track),
};
type Kind = keyof typeof checks;

/** By type and key: the kind of the value and, where the key may be absent, its default; `undefined` leaves it out. */
const shapes: Record<ServerMessage["type"], Record<string, [Kind, unknown?]>> = {
  queued: { position: ["int"] },
  switched: { id: ["id"], model: ["map"], params: ["map"], tracks: ["tracks", []] },
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
