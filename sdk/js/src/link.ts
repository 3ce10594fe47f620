/** One session's way to the server: connects, opens, resumes, and comes back after a break. */

import { Backoff } from "./backoff.ts";
import { LivedraftError } from "./errors.ts";
import type { Platform } from "./platform.ts";
import { decode, encode, endpoint, SUBPROTOCOL, VERSION } from "./protocol.ts";
import type { ClientMessage, ErrorMessage, Opened, Params, ServerMessage } from "./protocol.ts";

export type LinkState = "connecting" | "queued" | "open" | "reconnecting" | "closed";
export type Token = string | (() => string | Promise<string>);

export interface LinkOptions {
  url: string;
  model: string;
  token: Token;
  accept: string[];
  params(): Params; // in force, for a fresh open
}

/** What the session hears; errors come through `message` or, of the link's own making, `failed`. */
export interface LinkEvents {
  opened(message: Opened): void;
  message(message: Exclude<ServerMessage, Opened>): void;
  state(state: LinkState): void;
  failed(error: LivedraftError): void;
}

/** Fatal codes after which another attempt may succeed. */
const COME_BACK = new Set(["session_unknown", "session_closed", "server_busy"]);
const REFUSED: Record<number, string> = {
  4400: "bad_message", 4401: "unauthorized", 4404: "model_not_found", 1009: "bad_message",
};
const SAY_AFTER = 3; // failed attempts in a row

export class Link {
  state: LinkState = "connecting";
  private socket: WebSocket | null = null;
  private resume = "";
  private fatal: ErrorMessage | null = null;
  private failures = 0;
  private everOpen = false;
  private cancelRetry: (() => void) | null = null;
  private readonly backoff: Backoff;
  private readonly stopWake: () => void;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
    private readonly platform: Platform,
  ) {
    this.backoff = new Backoff(() => platform.random());
    this.stopWake = platform.onWake(() => this.retry());
    void this.attempt();
  }

  /** Send a message if the session is open; tell whether it went. */
  send(message: ClientMessage): boolean {
    if (this.state !== "open" || this.socket?.readyState !== 1) return false;
    this.socket.send(encode(message));
    return true;
  }

  /** Try again now instead of at the end of the waiting time. */
  retry(): void {
    if (!this.cancelRetry) return;
    this.cancelRetry();
    this.cancelRetry = null;
    void this.attempt();
  }

  close(): void {
    const socket = this.socket;
    if (socket?.readyState === 1) socket.send(encode({ type: "close", code: "done" }));
    this.end();
    if (socket?.readyState === 0) socket.onopen = () => socket.close(1000); // or the console complains
    else socket?.close(1000);
  }

  private end(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.socket = null;
    this.stopWake();
    this.become("closed");
  }

  private async attempt(): Promise<void> {
    this.cancelRetry = null;
    this.fatal = null;
    let token: string;
    try {
      token = await this.token();
    } catch (error) {
      this.events.failed(new LivedraftError({ code: "unauthorized", message: `no token: ${String(error)}`, fix: "check what gives the token" }));
      return this.end();
    }
    if (this.state === "closed") return;
    const socket = this.platform.socket(endpoint(this.options.url, this.platform.base()), SUBPROTOCOL);
    this.socket = socket;
    socket.onopen = () => socket.send(encode(this.open(token)));
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      if (socket === this.socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event);
    };
  }

  private async token(): Promise<string> {
    const { token } = this.options;
    return typeof token === "function" ? token() : token;
  }

  private open(token: string): ClientMessage {
    const { model, accept } = this.options;
    const resume = this.resume;
    return { type: "open", v: VERSION, model, params: resume ? {} : this.options.params(), accept, token, resume };
  }

  private receive(data: ArrayBuffer): void {
    let message: ServerMessage;
    try {
      message = decode(new Uint8Array(data));
    } catch (error) {
      if (error instanceof LivedraftError) return this.events.failed(error);
      throw error;
    }
    if (message.type === "opened") {
      this.resume = message.resume;
      this.failures = 0;
      this.everOpen = true;
      this.backoff.reset();
      this.become("open");
      return this.events.opened(message);
    }
    if (message.type === "queued") this.become("queued");
    if (message.type === "error" && message.fatal) this.fatal = message;
    const quiet = message.type === "error" && message.fatal && message.code === "session_unknown";
    if (!quiet) this.events.message(message);
  }

  private lost(event: CloseEvent): void {
    this.socket = null;
    const code = this.fatal?.code ?? REFUSED[event.code];
    if (code === "session_unknown" || (this.resume && code === "model_not_found")) {
      this.resume = "";
      this.become("reconnecting");
      void this.attempt();
      return;
    }
    if (code && !COME_BACK.has(code)) {
      if (!this.fatal) this.events.failed(new LivedraftError({ code, message: event.reason || `the server closed the connection (${event.code})` }));
      return this.end();
    }
    this.failures += 1;
    if (this.failures === SAY_AFTER) this.events.failed(this.unreachable());
    this.become(this.everOpen ? "reconnecting" : "connecting");
    this.cancelRetry = this.platform.later(() => void this.attempt(), this.backoff.next());
  }

  private unreachable(): LivedraftError {
    const { host } = new URL(endpoint(this.options.url, this.platform.base()));
    return new LivedraftError({
      code: "connect_failed",
      message: `the server at ${host} does not answer`,
      retryable: true,
      fix: "start the server, and allow this page's origin there; the drawing is kept",
    });
  }

  private become(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.events.state(state);
  }
}
