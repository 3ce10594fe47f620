/** The one refine that may be asked for at a time, from the question to its final picture or film. */

import { LivedraftError, sessionClosed } from "../errors.ts";
import type { FilmMessage, ModelInfo, Params, Wants } from "./protocol.ts";
import type { Frame } from "./showing.ts";

/** A final film: an MP4 with its sound, if it has any, its recipe and its marks. */
export interface Film extends Omit<FilmMessage, "type" | "data" | "mime"> {
  file: File;
}
export type Final = Frame | Film;

interface Asked {
  params: Params;
  wants: Wants;
  id: number | null; // null: not sent yet
  resolve(final: Final): void;
  reject(error: LivedraftError): void;
}

export class Refining {
  private asked: Asked | null = null;
  private named: boolean; // whether the server was ever told of another model
  private says = false; // whether the server is told what is wanted, and refuses what does not come

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

  ask(params: Params, wants: Wants, closed: boolean): Promise<Final> {
    this.giveUp();
    if (closed) return Promise.reject(sessionClosed());
    return new Promise((resolve, reject) => {
      this.asked = { params, wants, id: null, resolve, reject };
    });
  }

  /** Begin on a connection with these features. After a lost one what was asked has to be sent again. */
  opened(features: readonly string[] = []): void {
    this.says = features.includes("films");
    if (this.asked) this.asked.id = null;
  }

  /** Note that it went under this id, and return what is asked for; null where nothing can come of it. */
  sent(id: number, drafting: ModelInfo): { params: Params; refine_model?: string; wants?: Wants } | null {
    if (!this.asked) return { params: {} };
    this.asked.id = id;
    const { params, wants } = this.asked;
    const named = this.named ? { refine_model: this.finisher || drafting.id } : {}; // older servers know no such key
    if (this.says) return { params, ...named, wants };
    const error = wants === "file" ? unable() : this.makesPictures(drafting) ? null : noPicture(drafting);
    if (!error) return { params, ...named };
    this.failed(id, error);
    return null;
  }

  /** Something newer went, so the server gives it up. */
  superseded(): void {
    if (this.asked && this.asked.id !== null) this.giveUp();
  }

  /** Take a final frame; tell whether it was the one asked for. */
  done(frame: Frame): boolean {
    return this.resolve(frame);
  }

  /** Take a film. */
  filmed({ type: _, data, mime, ...about }: FilmMessage): void {
    const name = `film-${about.seed ?? about.id}.mp4`;
    this.resolve({ ...about, file: new File([data as BlobPart], name, { type: mime }) });
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

  private resolve(final: Final): boolean {
    const { asked } = this;
    if (!asked || asked.id !== final.id) return false;
    this.asked = null;
    asked.resolve(final);
    return true;
  }

  /** Whether a final picture may come: what another model makes is the server's to say. */
  private makesPictures({ id, outputs }: ModelInfo): boolean {
    if (this.finisher && this.finisher !== id) return true;
    return outputs?.some(({ kind }) => kind === "image") ?? true;
  }
}

function noPicture({ id }: ModelInfo): LivedraftError {
  return new LivedraftError({
    code: "invalid_params",
    message: `${id} makes no picture: its outputs are sound or moving pictures`,
    fix: "ask for it by film(), in a session that is connected with 'films', or take what comes as media",
  });
}

/** The server is older than the message, or was not asked for the feature. */
function unable(): LivedraftError {
  return new LivedraftError({
    code: "version_mismatch",
    message: "this session cannot ask for films",
    fix: "connect with 'films' to a server that has the feature",
  });
}
