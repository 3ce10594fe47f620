/** The one refine that may be asked for at a time, from the question to its final picture. */

import { LivedraftError, sessionClosed } from "../errors.ts";
import type { Params } from "./protocol.ts";
import type { Frame } from "./showing.ts";

interface Asked {
  params: Params;
  id: number | null; // null: not sent yet
  resolve(frame: Frame): void;
  reject(error: LivedraftError): void;
}

export class Refining {
  private asked: Asked | null = null;

  /** Whether one still has to be sent. */
  get waiting(): boolean {
    return this.asked !== null && this.asked.id === null;
  }

  /** Whether one is asked for and not answered. */
  get running(): boolean {
    return this.asked !== null;
  }

  ask(params: Params, closed: boolean): Promise<Frame> {
    this.giveUp();
    if (closed) return Promise.reject(sessionClosed());
    return new Promise((resolve, reject) => {
      this.asked = { params, id: null, resolve, reject };
    });
  }

  /** Note that it went under this id, and return its params. */
  sent(id: number): Params {
    if (!this.asked) return {};
    this.asked.id = id;
    return this.asked.params;
  }

  /** After a lost connection it has to be sent again. */
  again(): void {
    if (this.asked) this.asked.id = null;
  }

  /** Something newer went, so the server gives it up. */
  superseded(): void {
    if (this.asked && this.asked.id !== null) this.giveUp();
  }

  /** Take a final frame; tell whether it was the one asked for. */
  done(frame: Frame): boolean {
    const { asked } = this;
    if (!asked || asked.id !== frame.id) return false;
    this.asked = null;
    asked.resolve(frame);
    return true;
  }

  failed(id: number, error: LivedraftError): void {
    if (this.asked?.id !== id) return;
    this.asked.reject(error);
    this.asked = null;
  }

  giveUp(): void {
    const { asked } = this;
    this.asked = null;
    asked?.reject(new LivedraftError({ code: "superseded", message: "something newer came", retryable: true }));
  }
}
