/** The browser client: one function that opens a live session, and one that tries the ways to a server before. */

import type { Source } from "../media/encode.ts";
import { CanvasEncoder } from "../media/encode.ts";
import type { Connectivity } from "./connectivity.ts";
import { check } from "./connectivity.ts";
import type { Token, Transport } from "./opening.ts";
import { browser } from "./platform.ts";
import type { Params } from "./protocol.ts";
import { LiveSession } from "./session.ts";

export interface ConnectOptions {
  /** The server: `/` (default), `http://host:port`, or the full `ws://` address. */
  url?: string;
  /** A name of `GET /v1/models`; the server's default if left out. */
  model?: string;
  params?: Params;
  /** The shared secret, or what gives it at each connection. */
  token?: Token;
  inputs?: Record<string, Source>;
  /** Picture types for the answers, best first; any if left out. */
  accept?: string[];
  /** The model that makes the final pictures; that of the drafts if left out. */
  refineModel?: string;
  /** Codecs of sound and moving pictures that this side plays, best first; none: pictures alone. */
  codecs?: string[];
  /** Whether to hear of LoRAs that come and go while the session is open, by the event `loras`. */
  loras?: boolean;
  /** Whether to hear how far models are that the session waits for, by the event `loading`. */
  loading?: boolean;
  /** Whether to begin before models but `model` are there; `loading` tells of those, also once it is open. */
  arrivals?: boolean;
  /** Whether to ask for films, by `film`, and to hear how far what is final is, by the event `progress`. */
  films?: boolean;
  /** Whether to change the model while the session is open, by `switch`. */
  models?: boolean;
  /** What the session goes by; the WebSocket, if left out. */
  transport?: Transport;
}

/** Open a live session. It connects in the background and comes back after a break by itself. */
export function connect(options: ConnectOptions = {}): LiveSession {
  const { url = "/", model = "", params = {}, token = "", inputs = {}, accept = [] } = options;
  const { codecs, refineModel, loras, loading, arrivals, models, films, transport } = options;
  return new LiveSession(
    {
      url,
      model,
      params,
      token,
      inputs,
      accept,
      ...(codecs ? { codecs } : {}),
      ...(refineModel ? { refineModel } : {}),
      ...(loras ? { loras } : {}),
      ...(loading ? { loading } : {}),
      ...(arrivals ? { arrivals } : {}),
      ...(models ? { models } : {}),
      ...(films ? { films } : {}),
      ...(transport ? { transport } : {}),
    },
    new CanvasEncoder(),
    browser,
  );
}

/** Tell before a session whether a server can be reached by WebSocket and by WebRTC; it takes no place there. */
export function checkConnectivity(url = "/", token: Token = ""): Promise<Connectivity> {
  return check(url, token, browser);
}
