/** Stand-ins for the browser and the server: a clock that is turned by hand, a socket without a net. */

import { pack, unpack } from "../../src/client/msgpack.ts";
import type { Token, Transport } from "../../src/client/opening.ts";
import type { Platform } from "../../src/client/platform.ts";
import { LiveSession } from "../../src/client/session.ts";
import type { Wire } from "../../src/client/wire.ts";
import type { Encoder } from "../../src/media/encode.ts";

type Message = Record<string, unknown>;

/** The server's end of one connection. */
export class Socket {
  readyState = 0;
  closed: number | null = null; // the code that this side closed it with
  readonly received: Message[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  send(data: Uint8Array): void {
    this.received.push(unpack(data) as Message);
  }

  close(code = 1005): void {
    this.readyState = 3;
    this.closed = code;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: Message): void {
    const bytes = pack(message);
    this.onmessage?.({ data: bytes.buffer });
  }

  break(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** Return what came since the last time, without confirmations. */
  take(): Message[] {
    return this.received.splice(0).filter((message) => message["type"] !== "ack");
  }
}

export class Browser implements Platform {
  readonly sockets: Socket[] = [];
  private time = 0;
  private slept = 0;
  private waking = new Set<() => void>();
  private timers: { at: number; run: () => void }[] = [];
  private frames: (() => void)[] = [];

  readonly peers: Socket[] = []; // the server's ends of calls by WebRTC
  callable = true; // whether this browser has any

  socket(): Wire {
    const socket = new Socket();
    this.sockets.push(socket);
    return socket as unknown as Wire;
  }

  get peer(): Platform["peer"] {
    return this.callable ? () => this.call() : null;
  }

  private call(): Wire {
    const socket = Object.assign(new Socket(), { rtp: {} });
    this.peers.push(socket);
    return socket as unknown as Wire;
  }

  date(): number {
    return this.time + this.slept;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 1;
  }

  later(run: () => void, ms: number): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((each) => each !== timer));
  }

  nextFrame(run: () => void): void {
    this.frames.push(run);
  }

  async decode(): Promise<ImageBitmap> {
    return { width: 1, height: 1, close: () => undefined } as unknown as ImageBitmap;
  }

  onWake(run: () => void): () => void {
    this.waking.add(run);
    return () => void this.waking.delete(run);
  }

  /** Come back to the page, or to the net. */
  async wake(): Promise<void> {
    for (const run of this.waking) run();
    await this.pass(0);
  }

  /** Sleep, as a laptop does whose clocks stand still meanwhile; all but that of the date. */
  sleep(ms: number): void {
    this.slept += ms;
  }

  base(): string {
    return "http://localhost:7860/";
  }

  get latest(): Socket {
    return this.sockets.at(-1) as Socket;
  }

  /** Let time pass, and all that was due happen, frames first. */
  async pass(ms = 16): Promise<void> {
    this.time += ms;
    for (const run of this.frames.splice(0)) run();
    const due = this.timers.filter((timer) => timer.at <= this.time);
    this.timers = this.timers.filter((timer) => timer.at > this.time);
    for (const { run } of due) run();
    // Promises that are settled have run when the macrotask queue comes round.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const encoder: Encoder = {
  encode: async (source) => (source instanceof Uint8Array ? source : new Uint8Array()),
};

export const OPENED = {
  type: "opened",
  v: 1,
  session: "s",
  resume: "secret",
  resumed: false,
  last_id: 0,
  window: 2,
  max_message_bytes: 1 << 23,
  max_pixels: 1 << 24,
  params: { prompt: "", seed: 42 },
  model: { id: "echo", inputs: [{ name: "sketch", width: 8, height: 8, alpha: true, required: true }] },
};

export function frame(id: number, seq: number, more: Message = {}): Message {
  return {
    type: "frame",
    seq,
    id,
    stage: "draft",
    model: "echo",
    seed: 42,
    step: 1,
    steps: 1,
    params: {},
    mime: "image/png",
    width: 1,
    height: 1,
    image: new Uint8Array(1),
    timings: { sent: 1, model: 1 },
    ...more,
  };
}

export function start(
  browser: Browser,
  params: Message = {},
  by: Encoder = encoder,
  more: {
    url?: string;
    token?: Token;
    codecs?: string[];
    refineModel?: string;
    loras?: boolean;
    loading?: boolean;
    arrivals?: boolean;
    models?: boolean;
    films?: boolean;
    transport?: Transport;
  } = {},
): LiveSession {
  const options = { url: "/", model: "", token: "t", accept: [], params, inputs: {}, ...more };
  return new LiveSession(options, by, browser);
}

/** Return an open session, its browser, and its socket. */
export async function opened(params: Message = {}, by: Encoder = encoder): Promise<[LiveSession, Browser, Socket]> {
  const browser = new Browser();
  const session = start(browser, params, by);
  await browser.pass();
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say({ ...OPENED, params: { ...OPENED.params, ...params } });
  await browser.pass();
  return [session, browser, browser.latest];
}
