/** From a file to a photo: asked about, read, and told what is wrong with it, if anything. */

import type { Refusal } from "../media/photos.ts";
import { openPhoto } from "../media/photos.ts";
import { Photo } from "./photo.ts";

export interface ReadingEvents {
  /** Whether the customer agrees to show a photo. */
  agreed(): Promise<boolean>;
  begun(): void; // or ended: `busy` is another
  taken(photo: Photo, shrunk: boolean): void;
  refused(why: Refusal): void;
}

export class Reading {
  /** Whether a photo is being read. */
  busy = false;
  private turn = 0; // so that one that was read late is told apart

  constructor(private readonly events: ReadingEvents) {}

  async open(file: Blob): Promise<void> {
    const turn = ++this.turn;
    if (!(await this.events.agreed()) || turn !== this.turn) return;
    this.become(true);
    const opened = await openPhoto(file);
    const refused = typeof opened === "string";
    if (turn !== this.turn) return refused ? undefined : opened.bitmap.close();
    this.become(false);
    if (refused) this.events.refused(opened);
    else this.events.taken(new Photo(opened.bitmap), opened.shrunk);
  }

  /** Take no notice of what is being read. */
  forget(): void {
    this.turn += 1;
    this.busy = false;
  }

  private become(busy: boolean): void {
    this.busy = busy;
    this.events.begun();
  }
}
