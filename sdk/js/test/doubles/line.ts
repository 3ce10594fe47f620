/** A test double of the net: WebSockets whose other end is the test, and a server's list of models. */

import { Socket } from "../client/stand_ins.ts";

/** The server's end of one connection, with the address that was asked for. */
class Addressed extends Socket {
  binaryType = "";
  bufferedAmount = 0;

  constructor(readonly address: string) {
    super();
    Line.current?.sockets.push(this);
  }
}

export class Line {
  static current: Line | null = null;
  sockets: Addressed[] = [];
  models: object[] = [];

  /** Take the place of the page's net. */
  static install(): Line {
    const line = new Line();
    Line.current = line;
    Object.assign(globalThis, {
      WebSocket: Addressed,
      fetch: async () => ({ ok: true, json: async () => ({ models: line.models }) }),
    });
    return line;
  }

  get latest(): Addressed {
    return this.sockets.at(-1)!;
  }

  reset(): void {
    this.sockets = [];
    this.models = [];
  }

  /** Let the newest socket open, and the server answer. */
  async accept(answer: Record<string, unknown>): Promise<void> {
    this.latest.accept();
    await this.settle();
    this.latest.say(answer);
    await this.settle();
  }

  /** Let all that is due happen: microtasks, frames, and what follows of them. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}
