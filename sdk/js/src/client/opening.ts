/** What a session begins with: where, with which model, and what this side can do. */

import { MOVING } from "../media/moving.ts";
import type { ClientMessage, Params } from "./protocol.ts";
import { VERSION } from "./protocol.ts";

export type Token = string | (() => string | Promise<string>);

/**
 * `auto`: the WebSocket at once, and WebRTC from when it stands, for sound and moving pictures; where it breaks or cannot
 * be had the WebSocket goes on. `webrtc`: it alone.
 */
export type Transport = "auto" | "websocket" | "webrtc";

export interface LinkOptions {
  url: string;
  model: string;
  token: Token;
  accept: string[];
  codecs?: string[]; // that this side plays: then it speaks `media`
  refineModel?: string; // that makes the final pictures, where it is another
  loras?: boolean; // whether to hear of LoRAs that come and go
  loading?: boolean; // whether to hear how far models are that the session waits for
  arrivals?: boolean; // whether to begin before other models are there, and hear how far they are
  films?: boolean; // whether to say what a refine is to give, and hear how far it is
  models?: boolean; // whether to change the model while the session is open
  transport?: Transport; // the WebSocket, where nothing is said
  params(): Params; // in force, for a fresh open
}

/** Return the first message; with `resume` it goes on with the session of before. */
export function opening(options: LinkOptions, token: string, resume: string, rtp = false): ClientMessage {
  const { model, accept, codecs, refineModel, loras, loading, arrivals, models, films } = options;
  // An older server knows none of these keys, so they go where they are needed.
  const keys = codecs?.some((codec) => MOVING.includes(codec));
  const wanted = {
    media: codecs,
    keys,
    models: models || refineModel,
    loras,
    talk: codecs,
    loading,
    arrivals,
    films,
    rtp,
  };
  const features = Object.entries(wanted).flatMap(([name, is]) => (is ? [name] : []));
  return {
    type: "open",
    v: VERSION,
    model,
    params: resume ? {} : options.params(),
    accept,
    token,
    resume,
    ...(features.length ? { features } : {}),
    ...(codecs ? { codecs } : {}),
    ...(refineModel ? { refine_model: refineModel } : {}),
  };
}
