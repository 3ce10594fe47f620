/** The recording that runs, if any: begun, saved as a file, or handed to the page. */

import type { LivedraftError } from "../errors.ts";
import type { Recipe } from "../media/recipe.ts";
import { download } from "./files.ts";
import type { Live } from "./live.ts";
import type { FilmName, Tap } from "./recording.ts";
import { Recording } from "./recording.ts";

export interface FilmingEvents {
  changed(): void;
  listen(): void; // sound is to be heard, so that it can be recorded
  saved(name: string): void;
  failed(error: LivedraftError): void;
}

export class Filming {
  private recording: Recording | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly live: Live,
    private readonly name: FilmName,
    private readonly recipe: () => Recipe,
    private readonly events: FilmingEvents,
  ) {}

  get on(): boolean {
    return this.recording !== null;
  }

  /** Begin, with this sound instead of the session's if there is any; of one that runs already nothing is lost. */
  start(tap: Tap | null = null): void {
    if (this.recording) return;
    this.events.listen();
    try {
      this.recording = new Recording(this.canvas, this.live, this.name, tap, (error) => this.events.failed(error));
    } catch (error) {
      this.events.failed(error as LivedraftError);
    }
    this.events.changed();
  }

  /** End, and return the film; null where none was being made. */
  async stop(): Promise<File | null> {
    const { recording } = this;
    this.recording = null;
    const film = (await recording?.stop(this.recipe(), new Date())) ?? null;
    this.events.changed();
    return film;
  }

  /** End, and save the film as a file of the user's. */
  async save(): Promise<void> {
    const film = await this.stop();
    if (!film) return;
    download(film, film.name);
    this.events.saved(film.name);
  }

  /** End, and throw the film away. */
  async drop(): Promise<void> {
    if (this.recording) await this.stop();
  }
}
