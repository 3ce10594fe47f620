/** The camera's way to the model and back, while the customer looks into the mirror. */

import type { LivedraftError } from "../errors.ts";
import { Live } from "../ui/live.ts";
import type { SessionPanel } from "../ui/session_panel.ts";
import type { Mirror } from "./stage/mirror.ts";

export interface FilmingEvents {
  shown(): void; // a picture of what is worn
  changed(): void; // whether the camera is on
  failed(error: LivedraftError): void;
}

const nothing = (): void => undefined;

export class Filming {
  readonly live: Live;

  constructor(
    panel: SessionPanel,
    private readonly mirror: Mirror,
    private readonly events: FilmingEvents,
  ) {
    const silent = { level: nothing, silenced: nothing, microphoneFailed: nothing }; // no sound goes either way
    this.live = new Live(panel, mirror.source.video, () => "", {
      ...silent,
      stats: nothing,
      error: (error) => events.failed(error),
      picture: (picture, message) => {
        if (!("pts" in message)) return; // a still, which comes by itself
        mirror.paint(picture);
        events.shown();
      },
    });
  }

  /** The camera is in another state. */
  filmed(): void {
    if (this.mirror.source.state === "live" && this.live.input?.kind === "video") this.live.film();
    this.events.changed();
  }

  /** A session opened. */
  opened(): void {
    this.live.opened();
    if (this.mirror.on) this.filmed();
  }

  stop(): void {
    this.live.close();
    this.mirror.stop();
    this.events.changed();
  }
}
