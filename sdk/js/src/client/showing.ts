/** From a frame's bytes to a picture that is seen: decoded in order, confirmed, and timed. */

import { LivedraftError } from "../errors.ts";
import type { Flight } from "./pacing.ts";
import type { Platform } from "./platform.ts";
import type { FrameMessage } from "./protocol.ts";
import type { Sample, Stats } from "./stats.ts";
import { Meter } from "./stats.ts";

/** A picture; `bitmap` of a draft or preview is only valid during the event. */
export type Frame = Omit<FrameMessage, "type"> & { bitmap: ImageBitmap };
export type ShownPicture = Sample & { id: number; oldestInkMs: number | null };

export interface ShowingEvents {
  frame(frame: Frame): boolean; // paint it; tell whether its bitmap is kept
  taken(seq: number): void; // to be confirmed
  shown(picture: ShownPicture): void;
  stats(stats: Stats): void;
  error(error: LivedraftError): void;
}

export class Showing {
  private readonly meter = new Meter();
  private seq = 0; // of the newest on show
  private connection = 0; // counts openings, so that late work of an earlier one is told apart
  private first = 0; // ids of before are unwanted

  constructor(
    private readonly platform: Platform,
    private readonly events: ShowingEvents,
  ) {}

  /** Begin anew: frames are counted by connection. */
  opened(): void {
    this.connection += 1;
    this.seq = this.first = 0;
  }

  /** Show nothing that answers what was before this message: it is another model's, or was taken back. */
  since(id: number): void {
    this.first = id;
  }

  /** Whether this is wanted; what is not is to be confirmed all the same. */
  current({ id }: { id: number }): boolean {
    return id >= this.first;
  }

  /** Show a frame that came at `received` in answer to a flight, if it is still the newest. */
  async take(message: FrameMessage, flight: Flight | null, received: number): Promise<void> {
    const { connection } = this;
    let bitmap: ImageBitmap;
    try {
      bitmap = await this.platform.decode(message.image, message.mime);
    } catch (error) {
      this.events.taken(message.seq);
      this.events.error(
        new LivedraftError({ code: "decode", message: `a picture could not be read: ${String(error)}` }),
      );
      return;
    }
    if (connection !== this.connection || message.seq < this.seq) return bitmap.close();
    if (!this.current(message)) {
      this.events.taken(message.seq);
      return bitmap.close();
    }
    this.seq = message.seq;
    const kept = this.events.frame({ ...message, bitmap });
    this.events.taken(message.seq);
    if (!kept) bitmap.close();
    this.platform.nextFrame(() => this.shown(message, flight, received));
  }

  private shown(message: FrameMessage, flight: Flight | null, receivedAt: number): void {
    const at = this.platform.now();
    if (flight && message.stage === "draft") {
      const { sent, pen, encodeMs, heldMs } = flight;
      const drawn = pen && (pen[0] + pen[1]) / 2; // the mean moment of its ink
      const before = pen === null ? 0 : Math.max(0, sent - pen[1] - encodeMs - heldMs);
      const sample: Sample = {
        penToPixelMs: drawn === null ? null : at - drawn,
        encodeMs,
        roundTripMs: receivedAt - sent,
        timings: message.timings,
        browserMs: before + (at - receivedAt),
        dropped: message.dropped,
        receivedAt,
        at,
      };
      this.meter.add(sample);
      this.events.shown({ ...sample, id: message.id, oldestInkMs: pen && at - pen[0] });
    }
    this.events.stats(this.meter.stats(at));
  }
}
