/** What a session is asked for that is final: pictures, and films. */

import { Emitter } from "./emitter.ts";
import type { SessionEvents, State } from "./events.ts";
import type { Link } from "./link.ts";
import type { Params, Wants } from "./protocol.ts";
import type { Film, Final, Refining } from "./refining.ts";
import type { Frame } from "./showing.ts";
import type { Uplink } from "./uplink.ts";

export abstract class Finishing extends Emitter<SessionEvents> {
  abstract state: State;
  protected abstract readonly link: Link;
  protected abstract readonly refining: Refining;
  protected abstract readonly uplink: Uplink;

  /** The model that makes the final pictures from the next `refine` on; empty: the one that drafts. */
  get refineModel(): string {
    return this.refining.model;
  }

  set refineModel(model: string) {
    this.refining.use(model);
    this.link.finishWith(model);
  }

  /**
   * Ask for the final picture of what stands; rejects with `superseded` if anything newer goes, and at once with
   * `invalid_params` where the model makes films, see `film`.
   */
  refine(params: Params = {}): Promise<Frame> {
    return this.ask(params, "picture") as Promise<Frame>;
  }

  /**
   * Ask for the final film of what stands, as a file, in a session that is connected with `films`; rejects as `refine`
   * does, and at once with `invalid_params` where the model makes pictures.
   */
  film(params: Params = {}): Promise<Film> {
    return this.ask(params, "file") as Promise<Film>;
  }

  /** Ask for the final picture or film of what stands, whichever the model makes. */
  finish(params: Params = {}): Promise<Final> {
    return this.ask(params, "either");
  }

  private ask(params: Params, wants: Wants): Promise<Final> {
    const final = this.refining.ask(params, wants, this.state === "closed");
    this.uplink.schedule();
    return final;
  }
}
