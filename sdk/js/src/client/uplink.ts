/** What goes up: the newest drawing and params, coalesced by frame, encoded in turn, and paced by the answers. */

import type { LivedraftError } from "../errors.ts";
import type { Encoder, Target } from "../media/encode.ts";
import type { Link } from "./link.ts";
import type { Outbox } from "./outbox.ts";
import type { Pacing } from "./pacing.ts";
import type { Platform } from "./platform.ts";
import type { ModelInfo } from "./protocol.ts";
import type { Refining } from "./refining.ts";
import type { Switching } from "./switching.ts";

export interface UplinkParts {
  link: Pick<Link, "state" | "send" | "retry">;
  outbox: Outbox; // what is unsent
  pacing: Pacing; // what is unanswered
  refining: Refining;
  switching: Switching;
  encoder: Encoder;
  platform: Platform;
}

export interface UplinkEvents {
  went(): void; // something did, or could not
  error(error: LivedraftError): void;
}

const USUAL: Target = { width: 512, height: 512, alpha: true }; // of an input that no model names

export class Uplink {
  private model: ModelInfo | null = null;
  private connection = 0; // counts openings, so that late work of an earlier one is told apart
  private paused = false;
  private encoding = false;
  private scheduled = false;
  private timer: (() => void) | null = null;
  private heldSince: number | null = null; // when there was something to send that had to wait

  constructor(
    private readonly parts: UplinkParts,
    private readonly events: UplinkEvents,
  ) {}

  /** Whether all that was asked for went to the server. */
  get allSent(): boolean {
    const { outbox, refining, switching } = this.parts;
    const asks = refining.waiting || switching.waiting || switching.sent;
    return !outbox.full && !this.encoding && !asks;
  }

  /** Whether a new picture would go at once. */
  get ready(): boolean {
    const { link, pacing, platform } = this.parts;
    return link.state === "open" && this.allSent && pacing.wait(platform.now()) === 0;
  }

  /** Begin on a new connection, or with another model. */
  opened(model: ModelInfo): void {
    this.connection += 1;
    this.model = model;
    this.flush();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.schedule();
  }

  close(): void {
    this.timer?.();
  }

  /** Send what is there with the next frame. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.parts.platform.nextFrame(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    const { link, outbox, pacing, refining, switching, platform } = this.parts;
    const due = switching.waiting || refining.waiting || (outbox.full && !this.paused);
    if (due && link.state === "idle") link.retry();
    if (link.state !== "open" || this.encoding || switching.sent || !due) return;
    if (switching.waiting) return this.sendSwitch();
    const wait = refining.waiting ? 0 : pacing.waitToEncode(platform.now());
    if (wait > 0) {
      this.heldSince ??= platform.now();
      return this.flushAfter(wait);
    }
    this.encoding = true;
    void this.upload().finally(() => {
      this.encoding = false;
      this.flush();
    });
  }

  private flushAfter(wait: number): void {
    if (this.timer || wait === Infinity) return;
    this.timer = this.parts.platform.later(() => {
      this.timer = null;
      this.flush();
    }, wait);
  }

  private async upload(): Promise<void> {
    const { link, outbox, pacing, refining, encoder, platform } = this.parts;
    const { connection } = this;
    const started = platform.now();
    const heldMs = this.heldSince === null ? 0 : started - this.heldSince;
    this.heldSince = null;
    const load = outbox.take();
    const inputs: Record<string, Uint8Array> = {};
    try {
      for (const [name, source] of load.sources) {
        inputs[name] = await encoder.encode(source, this.target(name));
      }
    } catch (error) {
      this.events.error(error as LivedraftError);
    }
    outbox.keep(inputs);
    if (connection !== this.connection || link.state !== "open") return outbox.putBack(load);
    const now = platform.now();
    const { params, pen } = load;
    const id = outbox.next(inputs, params);
    if (id !== null) {
      const bare = Object.keys(inputs).length === 0;
      link.send(bare ? { type: "params", id, params } : { type: "input", id, inputs, params });
      pacing.sent(id, { sent: now, pen, encodeMs: bare ? 0 : now - started, heldMs });
      refining.superseded();
    }
    // What came while this was encoded goes first, or it would supersede the refine.
    if (refining.waiting && !outbox.full) this.sendRefine();
    this.events.went();
  }

  private sendRefine(): void {
    const { link, outbox, refining } = this.parts;
    if (!this.model) return;
    const id = outbox.nextId();
    const asked = refining.sent(id, this.model);
    if (asked) link.send({ type: "refine", id, ...asked });
  }

  /** Ask for another model; what else is to go waits for the answer, and is then made for that one. */
  private sendSwitch(): void {
    const { link, outbox, switching } = this.parts;
    const id = outbox.nextSwitch();
    const { model, params, inputs } = switching.take(id);
    const along = Object.keys(inputs).length > 0 ? { inputs } : {};
    link.send({ type: "switch", id, model, params, ...along });
    this.events.went();
  }

  private target(name: string): Target {
    return this.model?.inputs.find((each) => each.name === name) ?? USUAL;
  }
}
