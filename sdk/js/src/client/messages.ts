/** The messages of protocol version 1, and what they describe. */

export type Params = Record<string, unknown>;
export type Stage = "draft" | "preview" | "final";

/** What a refine asks for: a picture, a film as one file, or either, as the model makes it. */
export type Wants = "picture" | "file" | "either";

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
  | Key
  | { type: "params"; id: number; params: Params }
  | { type: "refine"; id: number; params: Params; refine_model?: string; wants?: Wants }
  | { type: "switch"; id: number; model: string; params: Params; inputs?: Record<string, Uint8Array> }
  | { type: "interrupt"; id: number }
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
  notes: Note[]; // as a frame's
  about: Params; // as a frame's `data`
}

/** What came since the last key frame of a track cannot be decoded: either end asks for another. */
export interface Key {
  type: "key";
  track: string;
}

/** One way in or out of a session that speaks `media`; 0 is any. */
export interface Track {
  name: string;
  way: "in" | "out";
  kind: "image" | "video" | "audio" | "text";
  policy: "latest" | "append" | "";
  max_s: number; // of an `append` input: how much may wait
  codecs: string[]; // the likeliest first
  width: number; // px
  height: number; // px
  rate: number; // frames or samples a second
  channels: number;
  required: boolean;
  max_chars?: number; // of text: how much may wait
}

/** One thing that a model takes; of moving pictures, sound and text, tracks say more. */
export interface InputSpec {
  name: string;
  kind?: "image" | "video" | "audio" | "text"; // a picture, where nothing is said
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
  description?: string; // one sentence: what it makes, of what
  width: number; // px
  height: number; // px
  alpha: boolean;
  inputs: InputSpec[];
  outputs?: { name: string; kind: "image" | "video" | "audio" }[]; // pictures, where nothing is said
  endless?: boolean; // what moves or sounds of it goes on until it is stopped
  draft_steps: number;
  max_steps: number;
  params_schema?: Record<string, unknown>;
  loras?: LoraInfo[];
  [more: string]: unknown;
}

/** How far a model is that the session waits for; `total` is 0 while that is unknown. */
export interface Loading {
  type: "loading";
  model: string;
  title: string;
  state: string; // loading, warming; of arrivals also waiting, ready, failed
  done: number;
  total: number;
  unit: string; // bytes, parts, shapes
  message: string; // a sentence to show
  served?: boolean; // it was there before, and comes back to its device or is made ready for a size
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
/** The LoRAs that a model of the session has now: some came, or were taken away. */
export interface LorasMessage {
  type: "loras";
  model: string;
  loras: LoraInfo[]; // all
  params: Params; // all in force: of what is gone none is
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
  seed: number | null; // of a model that has one
  step: number;
  steps: number;
  params: Params;
  mime: string;
  width: number;
  height: number;
  image: Uint8Array<ArrayBuffer>;
  timings: Record<string, number>;
  dropped: number;
  batch: number;
  notes: Note[];
  data: Params; // what the model measured of the pictures
}
/** How far a refine is; `done`: nothing more comes of it. */
export interface Progress {
  type: "progress";
  id: number;
  model: string;
  step: number;
  steps: number; // 0: nobody knows how many
  notes: Note[]; // what there is to know meanwhile, as the place in a provider's queue
  done: boolean;
}
/** A final film as a file, with its recipe and its marks. */
export interface FilmMessage {
  type: "film";
  id: number;
  model: string;
  seed: number | null; // of a model that has one
  params: Params;
  mime: string;
  width: number; // px; 0 of sound alone
  height: number; // px
  frames: number;
  duration: number; // µs
  data: Uint8Array;
  notes: Note[];
  about: Params; // as a frame's `data`
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
  | Loading
  | Queued
  | Opened
  | Switched
  | LorasMessage
  | Progress
  | FilmMessage
  | Ack
  | FrameMessage
  | MediaMessage
  | Key
  | ErrorMessage
  | Pong
  | Close;
