/** One session's way to the server: connects, opens, resumes, and comes back after a break. */

import { LivedraftError } from "../errors.ts";
import { endpoint, serverOf } from "./address.ts";
import type { AttemptEvents } from "./attempt.ts";
import { Attempt } from "./attempt.ts";
import { Backoff } from "./backoff.ts";
import type { LinkOptions } from "./opening.ts";
import { opening } from "./opening.ts";
import type { Platform } from "./platform.ts";
import type { ClientMessage, ErrorMessage, Opened, ServerMessage } from "./protocol.ts";
import { decode, SUBPROTOCOL } from "./protocol.ts";
import { Pulse } from "./pulse.ts";
import { COME_BACK, impossible, OTHER_WAY, REFUSED, unanswered, whatToDo } from "./reasons.ts";
import type { Via } from "./upgrade.ts";
import { Upgrade } from "./upgrade.ts";
import type { Rtp, Wire } from "./wire.ts";

/** `idle`: the server gave the place away, and the next thing that the user does asks for one again. */
export type LinkState = "connecting" | "queued" | "open" | "idle" | "reconnecting" | "closed";

/** What the session hears; errors come through `message` or, of the link's own making, `failed`. */
export interface LinkEvents {
  opened(message: Opened): void;
  message(message: Exclude<ServerMessage, Opened>): void;
  state(state: LinkState): void;
  /** It goes on over WebRTC, or over the WebSocket again, since WebRTC broke or cannot be had. */
  transport(transport: Via, why: string): void;
  failed(error: LivedraftError): void;
}

const IDLE = 4408;
const DONE = 1000;
const SILENT = 4000; // of ours: the server keeps the session
const SAY_AFTER = 3; // failed attempts in a row
const STEADY_MS = 10_000; // after which a connection counts as a good one

export class Link {
  state: LinkState = "connecting";
  private attempt: Attempt | null = null; // the one under way, or that the session is open on
  private stopWaiting: (() => void) | null = null; // for the next one
  private resume = "";
  private fatal: ErrorMessage | null = null;
  private farewell = ""; // the code of the server's `close`
  private failures = 0;
  private openedAt: number | null = null; // of this connection
  private everOpen = false;
  private readonly backoff: Backoff;
  private readonly pulse: Pulse;
  private readonly upgrade: Upgrade | null;
  private readonly other: string; // what to do where WebRTC alone is asked for and cannot be had; else empty
  private moving = false; // to a connection that was not answered yet
  private readonly heard: AttemptEvents = {
    open: (token) => this.introduce(token),
    message: (data) => this.receive(data),
    lost: (event) => this.lost(event),
    failed: (code, message) => this.failed(code, message),
    impossible: (error) => this.impossible(error),
  };
  private readonly stopWake: () => void;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
    private readonly platform: Platform,
  ) {
    this.other = options.transport === "webrtc" ? OTHER_WAY : "";
    this.backoff = new Backoff(() => platform.random());
    this.pulse = new Pulse(
      platform,
      () => this.write({ type: "ping" }),
      () => this.silent(),
    );
    this.stopWake = platform.onWake(() => this.wake());
    const able = options.transport === "auto" && platform.peer;
    const call = (to: AttemptEvents): Attempt => this.make(to, true);
    const move = (attempt: Attempt, token: string): void => this.move(attempt, token);
    this.upgrade = able ? new Upgrade(platform, call, move, (via, why) => events.transport(via, why)) : null;
    this.connect();
  }

  /** Tracks beside the messages, over WebRTC. */
  get rtp(): Rtp | null {
    return this.attempt?.rtp ?? null;
  }

  /** Send a message if the session is open; tell whether it went. */
  send(message: ClientMessage): boolean {
    if (this.state !== "open" || this.moving || !this.attempt?.open) return false;
    this.pulse.sent(this.write(message));
    return true;
  }

  /** Bytes that the socket still holds. */
  get held(): number {
    return this.attempt?.held ?? 0;
  }

  /** Say whether an answer is to come: then silence is noticed sooner. */
  expect(answer: boolean): void {
    if (this.openedAt !== null) this.pulse.expect(answer);
  }

  /** Try again now: instead of at the end of the waiting time, or after `idle`. */
  retry(): void {
    const waits = this.state === "idle" || this.stopWaiting !== null || this.attempt?.waits;
    if (waits) this.connect();
  }

  /** Go on over a new connection on which these codecs are agreed on. */
  prefer(codecs: string[]): void {
    this.options.codecs = codecs;
    if (this.state !== "open") return; // the next one is asked so anyway
    this.become("reconnecting");
    this.connect();
  }

  /** A session that has to be opened afresh has this model from now on. */
  adopt(model: string): void {
    this.options.model = model;
  }

  /** One that has to be opened afresh has its final pictures made by this one. */
  finishWith(model: string): void {
    this.options.refineModel = model;
  }

  /** The session has sound or moving pictures: go on by WebRTC, where that is wanted and can be had. */
  raise(): void {
    if (this.state === "open" && !this.rtp) this.upgrade?.begin();
  }

  close(): void {
    this.write({ type: "close", code: "done" });
    this.end(DONE);
  }

  private get address(): string {
    return endpoint(this.options.url, this.platform.base());
  }

  /** The page or the network came back: what was open may be so no more. */
  private wake(): void {
    if (this.state === "idle") return;
    this.upgrade?.forgive();
    if (this.attempt?.open) this.pulse.probe();
    else if (this.attempt?.stale) this.connect();
    else this.retry();
  }

  private end(code = SILENT): void {
    this.leave(code);
    this.stopWake();
    this.become("closed");
  }

  /** Have nothing more to do with the attempt, and with what was to happen next. */
  private leave(code = SILENT): void {
    this.stopWaiting?.();
    this.stopWaiting = null;
    this.upgrade?.end(code);
    this.attempt?.end(code);
    this.attempt = null;
    this.moving = false;
    this.pulse.stop();
  }

  private connect(): void {
    this.leave();
    this.fatal = this.openedAt = null;
    this.farewell = "";
    if (this.state === "idle") this.become("reconnecting");
    this.attempt = this.make(this.heard, this.options.transport === "webrtc");
  }

  private make(events: AttemptEvents, webrtc: boolean): Attempt {
    const wire = (token: string): Wire => {
      if (!webrtc) return this.platform.socket(this.address, SUBPROTOCOL);
      if (!this.platform.peer) throw new Error("this browser has no WebRTC");
      return this.platform.peer(serverOf(this.address), token);
    };
    return new Attempt(wire, this.options.token, this.platform, events);
  }

  /** Say who one is, on a connection that is there. */
  private introduce(token: string): void {
    this.pulse.sent(this.write(opening(this.options, token, this.resume, this.rtp !== null)));
    this.pulse.expect(true);
    this.pulse.received(); // the server's machine, at least
  }

  /** Go on over another connection; the server takes the session over. */
  private move(attempt: Attempt, token: string): void {
    if (this.state !== "open") return attempt.end(SILENT);
    this.attempt?.end(SILENT);
    this.attempt = attempt;
    attempt.events = this.heard;
    this.moving = true;
    this.introduce(token);
  }

  /** An address that cannot be one, or that the page may not use, ends it all. */
  private impossible(error: unknown): void {
    this.events.failed(impossible(this.options.url, String(error), this.other));
    this.end();
  }

  private write(message: ClientMessage): number {
    return this.attempt?.write(message) ?? 0;
  }

  private receive(data: ArrayBuffer): void {
    this.pulse.received();
    let message: ServerMessage | null;
    try {
      message = decode(new Uint8Array(data));
    } catch (error) {
      if (error instanceof LivedraftError) return this.events.failed(error);
      throw error;
    }
    if (!message) return; // of a newer server
    if (message.type === "opened") return this.opened(message);
    if (message.type === "queued") {
      this.pulse.expect(false);
      this.become("queued");
    }
    if (message.type === "loading" && this.openedAt === null) this.pulse.expect(false);
    if (message.type === "close") this.farewell = message.code;
    if (message.type === "error" && message.fatal) this.fatal = message;
    const quiet = message.type === "error" && message.fatal && message.code === "session_unknown";
    if (!quiet) this.events.message(message);
  }

  private opened(message: Opened): void {
    this.resume = message.resume;
    this.moving = false;
    this.openedAt = this.platform.now();
    this.everOpen = true;
    this.pulse.expect(false);
    this.become("open");
    this.events.opened(message);
    this.upgrade?.opened(this.rtp !== null);
  }

  /** Nothing comes any more. What was open is made anew at once; the server takes it over. */
  private silent(): void {
    if (this.rtp) this.upgrade?.broke("nothing comes any more");
    if (this.openedAt === null) return this.failed();
    this.become("reconnecting");
    this.connect();
  }

  private lost(event: CloseEvent): void {
    const broke = this.rtp ? this.upgrade : null;
    broke?.broke(event.reason);
    const code = this.fatal?.code ?? REFUSED[event.code];
    const unknown = this.resume && (code === "session_unknown" || code === "model_not_found");
    if (event.code === IDLE || this.farewell === "idle") {
      this.leave();
      this.become("idle");
    } else if (unknown || (broke && !code)) {
      if (unknown) this.resume = "";
      this.become("reconnecting");
      this.connect();
    } else if (code && !COME_BACK.has(code)) {
      if (!this.fatal)
        this.events.failed(
          new LivedraftError({ code, message: event.reason || `the server closed the connection (${event.code})` }),
        );
      this.end();
    } else this.failed(undefined, (this.other && event.reason) || undefined);
  }

  /** Try again after a while, which grows unless the last connection was a good one. */
  private failed(code = "connect_failed", message = unanswered(this.address, this.openedAt !== null)): void {
    if (this.openedAt !== null && this.platform.now() - this.openedAt >= STEADY_MS) {
      this.backoff.reset();
      this.failures = 0;
    }
    this.leave();
    this.failures += 1;
    if (this.failures === SAY_AFTER) {
      const reach = code === "unauthorized" ? "check what gives the token" : this.other;
      const fix = reach || whatToDo(this.address, this.platform.base());
      this.events.failed(
        new LivedraftError({ code, message, retryable: true, fix: `${fix}; then it goes on by itself` }),
      );
    }
    this.become(this.everOpen ? "reconnecting" : "connecting");
    this.stopWaiting = this.platform.later(() => this.connect(), this.backoff.next());
  }

  private become(state: LinkState): void {
    if (state === this.state) return;
    this.state = state;
    this.events.state(state);
  }
}
