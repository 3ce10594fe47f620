/** One attempt at a connection: a token, then a socket. Each has its time; what comes later is told apart. */

import type { LinkOptions } from "./opening.ts";
import type { Platform } from "./platform.ts";
import type { ClientMessage } from "./protocol.ts";
import { encode } from "./protocol.ts";
import type { Rtp, Wire } from "./wire.ts";

export interface AttemptEvents {
  /** The socket is open: say with this token who one is. */
  open(token: string): void;
  message(data: ArrayBuffer): void;
  lost(event: CloseEvent): void;
  /** Nothing answered in time, or there is no token. */
  failed(code?: string, message?: string): void;
  /** There can be no connection to this address. */
  impossible(error: unknown): void;
}

const CONNECT_MS = 10_000; // for the socket
const TOKEN_MS = 10_000;
const STALE_MS = 3_000; // after which one that was begun before a sleep is given up

export class Attempt {
  private socket: Wire | null = null;
  private over = false;
  private stopTimer: () => void;
  private readonly begunAt: number; // by the wall clock

  constructor(
    private readonly make: (token: string) => Wire,
    token: LinkOptions["token"],
    private readonly platform: Platform,
    public events: AttemptEvents,
  ) {
    this.begunAt = platform.date();
    this.stopTimer = platform.later(
      () => this.events.failed("unauthorized", "what gives the token does not answer"),
      TOKEN_MS,
    );
    void this.begin(token);
  }

  /** Whether it still waits for the token. */
  get waits(): boolean {
    return this.socket === null;
  }

  get open(): boolean {
    return this.socket?.readyState === 1;
  }

  /** Whether it was begun too long ago to wait on for, by a clock that goes on during sleep. */
  get stale(): boolean {
    return this.platform.date() - this.begunAt > STALE_MS;
  }

  /** Bytes that the socket still holds. */
  get held(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  /** What it has beside its messages, if it is WebRTC's. */
  get rtp(): Rtp | null {
    return this.socket?.rtp ?? null;
  }

  /** Write to the socket, if it takes it; return how many bytes. */
  write(message: ClientMessage): number {
    if (!this.socket || !this.open) return 0;
    const bytes = encode(message);
    this.socket.send(bytes);
    return bytes.length;
  }

  /** Have nothing more to do with it; an open socket closes with this code. */
  end(code: number): void {
    this.over = true;
    this.stopTimer();
    if (this.socket) drop(this.socket, code);
  }

  private async begin(given: LinkOptions["token"]): Promise<void> {
    let token: string;
    try {
      token = await (typeof given === "function" ? given() : given);
    } catch (error) {
      if (!this.over) this.events.failed("unauthorized", `no token: ${String(error)}`);
      return;
    }
    if (!this.over) this.connect(token);
  }

  private connect(token: string): void {
    this.stopTimer();
    let socket: Wire;
    try {
      socket = this.make(token);
    } catch (error) {
      return this.events.impossible(error);
    }
    this.socket = socket;
    this.stopTimer = this.platform.later(() => this.events.failed(), CONNECT_MS);
    socket.onopen = () => {
      this.stopTimer();
      this.events.open(token);
    };
    socket.onmessage = (event) => this.events.message(event.data);
    socket.onclose = (event) => this.events.lost(event);
  }
}

/** Close what nobody listens to any more; of a WebSocket that connects, a browser would complain of that. */
export function drop(socket: Wire, code: number): void {
  socket.onmessage = socket.onclose = null;
  if (socket.readyState === 0 && socket.rtp === undefined) socket.onopen = () => socket.close(code);
  else socket.close(code);
}
