/** The one refine that may be asked for at a time, from the question to its final picture. */

import { LivedraftError, sessionClosed } from "../errors.ts";
import type { ModelInfo, Params } from "./protocol.ts";
import type { Frame } from "./showing.ts";

interface Asked {
  params: Params;
  id: number | null; // null: not sent yet
  resolve(frame: Frame): void;
  reject(error: LivedraftError): void;
}

export class Refining {
  private asked: Asked | null = null;
  private named: boolean; // whether the server was ever told of another model

  /** `model` makes the final pictures; empty: the one that drafts. */
  constructor(private finisher = "") {
    this.named = finisher !== "";
  }

  get model(): string {
    return this.finisher;
  }

  /** Have another model make the final pictures, from the next one on. */
  use(model: string): void {
    this.finisher = model;
    this.named ||= model !== "";
  }

  /** Whether one still has to be sent. */
  get waiting(): boolean {
    return this.asked !== null && this.asked.id === null;
  }

  /** Whether one is asked for and not answered. */
  get running(): boolean {
    return this.asked !== null;
  }

  /** Ask for one; `drafting` is the model that drafts, once that is known. */
  ask(params: Params, closed: boolean, drafting: ModelInfo | null): Promise<Frame> {
    this.giveUp();
    if (closed) return Promise.reject(sessionClosed());
    if (drafting && !this.makesPictures(drafting)) return Promise.reject(noPicture(drafting));
    return new Promise((resolve, reject) => {
      this.asked = { params, id: null, resolve, reject };
    });
  }

  /** Note that it went under this id, and return what is asked for; null where no picture can come of it. */
  sent(id: number, drafting: ModelInfo): { params: Params; refine_model?: string } | null {
    if (!this.asked) return { params: {} };
    this.asked.id = id;
    if (!this.makesPictures(drafting)) {
      this.failed(id, noPicture(drafting));
      return null;
    }
    const named = this.named ? { refine_model: this.finisher || drafting.id } : {}; // older servers know no such key
    return { params: this.asked.params, ...named };
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

  /** Whether a final picture may come: what another model makes is the server's to say. */
  private makesPictures({ id, outputs }: ModelInfo): boolean {
    if (this.finisher && this.finisher !== id) return true;
    return outputs?.some(({ kind }) => kind === "image") ?? true;
  }

  giveUp(): void {
    const { asked } = this;
    this.asked = null;
    asked?.reject(new LivedraftError({ code: "superseded", message: "something newer came", retryable: true }));
  }
}

function noPicture({ id }: ModelInfo): LivedraftError {
  return new LivedraftError({
    code: "invalid_params",
    message: `${id} makes no final picture: its outputs are sound or moving pictures`,
    fix: "take what comes as media, or refine with a model of pictures",
  });
}
