/** A live session: newest drawing and params go up, newest pictures come down. */

import type { LivedraftError } from "../errors.ts";
import { sessionClosed } from "../errors.ts";
import type { Encoder, Source } from "../media/encode.ts";
import type { SessionEvents, State } from "./events.ts";
import { Finishing } from "./finishing.ts";
import { lineOf } from "./line.ts";
import { Link } from "./link.ts";
import { MediaFlow } from "./media.ts";
import type { LinkOptions } from "./opening.ts";
import { Outbox } from "./outbox.ts";
import { Pacing } from "./pacing.ts";
import type { Platform } from "./platform.ts";
import type * as wire from "./protocol.ts";
import type { Params } from "./protocol.ts";
import type { Film, Final } from "./refining.ts";
import { Refining } from "./refining.ts";
import { taken } from "./refusing.ts";
import type { Frame } from "./showing.ts";
import { Showing } from "./showing.ts";
import { Switching, unable } from "./switching.ts";
import type { Text } from "./talk.ts";
import { Talk } from "./talk.ts";
import type { Via } from "./upgrade.ts";
import { Uplink } from "./uplink.ts";

export type { Film, Final, Frame, SessionEvents, State };

export class LiveSession extends Finishing {
  model: wire.ModelInfo | null = null;
  state: State = "connecting";
  /** Whether the open session can change its model, by `switch`. */
  switches = false;
  /** What it goes by now. */
  transport: Via = "websocket";
  /** Sound and moving pictures, of a session that was opened with `codecs`. */
  readonly media: MediaFlow;
  protected readonly link: Link;
  private readonly outbox: Outbox;
  private readonly pacing = new Pacing();
  protected readonly refining: Refining;
  private readonly switching = new Switching();
  private readonly showing: Showing;
  private readonly talk: Talk;
  protected readonly uplink: Uplink;

  constructor(
    options: Omit<LinkOptions, "params"> & { params: Params; inputs: Record<string, Source> },
    encoder: Encoder,
    private readonly platform: Platform,
  ) {
    super();
    this.outbox = new Outbox(options.params);
    this.refining = new Refining(options.refineModel);
    this.outbox.put(options.inputs, null);
    this.showing = new Showing(platform, {
      frame: (frame) => this.show(frame),
      taken: (seq) => void this.link.send({ type: "ack", seq }),
      shown: (picture) => this.emit("shown", picture),
      stats: (stats) => this.emit("stats", stats),
      error: (error) => this.emit("error", error),
    });
    const { outbox, switching } = this;
    const line = lineOf({ link: () => this.link, outbox, switching, platform });
    this.media = new MediaFlow(line, (verdict) => this.emit("quality", verdict));
    this.talk = new Talk(line, () => this.media.track("in", "text"));
    const events = {
      opened: (message: wire.Opened) => this.opened(message),
      message: (message: Exclude<wire.ServerMessage, wire.Opened>) => this.receive(message),
      state: () => this.update(),
      transport: (transport: Via, why: string) => this.emit("transport", { transport, why }),
      failed: (error: LivedraftError) => this.emit("error", error),
    };
    this.link = new Link({ ...options, params: () => this.outbox.opening }, events, platform);
    const { link, pacing, refining } = this;
    this.uplink = new Uplink(
      { link, outbox, pacing, refining, switching, encoder, platform },
      { went: () => this.update(), error: (error) => this.emit("error", error) },
    );
  }

  /** The params that this side asked for. */
  get params(): Params {
    return { ...this.outbox.wanted };
  }

  /** The id of the newest message that a frame answers, or will. */
  get lastId(): number {
    return this.outbox.drawnId;
  }

  /** Whether all that was asked for went to the server. */
  get allSent(): boolean {
    return this.uplink.allSent;
  }

  /** Whether a new picture would go at once: a source of many need not make one before. */
  get ready(): boolean {
    return this.uplink.ready;
  }

  /** Change params; keys merge, the last value of each wins. */
  set(params: Params): void {
    this.outbox.set(params);
    this.uplink.schedule();
  }

  /** Hand over new pictures; `at` is the `timeStamp` of the pointer event that changed them. */
  send(inputs: Record<string, Source>, at: number | null = null): void {
    this.outbox.put(inputs, at);
    this.uplink.schedule();
  }

  /**
   * Go on with another model, in the place that this session has; `params` are its own. Pictures stay as
   * small as they went: `inputs` are anew, encoded as that model reads them. Resolves after the event
   * `switched`; rejects where it is refused (`server_busy`, `model_not_found`, …): nothing has changed.
   */
  async switch(model: string, params: Params = {}, inputs: Record<string, Uint8Array> = {}): Promise<wire.Switched> {
    if (this.state === "closed") throw sessionClosed();
    if (this.model && !this.switches) throw unable();
    this.uplink.schedule();
    return this.switching.ask({ model, params, inputs });
  }

  /** Have the model say a text, or its pieces as they come; resolves when all went or was taken back. */
  speak(text: Text): Promise<void> {
    return this.talk.speak(text);
  }

  /** Take back all sound and text, and throw away what came of it, what is being played, too. */
  interrupt(): void {
    const id = this.talk.interrupt();
    if (id === null) return;
    this.showing.since(id);
    this.refining.superseded();
    this.pacing.forget();
    this.emit("interrupted", id);
    this.update();
  }

  /** Whether an output is wanted: it is no other model's, and answers nothing that was taken back. */
  wants(output: { id: number }): boolean {
    return this.showing.current(output);
  }

  /** Give up what waits and any refine that runs. */
  cancel(): void {
    this.outbox.dropPictures();
    this.refining.giveUp();
    this.pacing.forget();
    this.link.send({ type: "cancel" });
    this.update();
  }

  /** Stop sending, while nobody sees the result. */
  pause(): void {
    this.uplink.pause();
  }

  resume(): void {
    this.uplink.resume();
  }

  /** Connect now instead of at the end of the waiting time. */
  retry(): void {
    this.link.retry();
  }

  close(): void {
    this.uplink.close();
    this.talk.close();
    this.link.close();
    this.refining.giveUp();
  }

  private opened(message: wire.Opened): void {
    const before = this.model;
    const missed = this.switching.opened(message, before);
    this.model = message.model;
    this.transport = this.link.rtp ? "webrtc" : "websocket";
    this.switches = message.features?.includes("models") ?? false;
    if (!this.switches) this.switching.end(unable());
    this.showing.opened();
    this.media.opened(message.tracks ?? [], true);
    this.talk.opened(message);
    if (missed) this.outbox.switched(missed, before, this.switching.answered(missed));
    if (missed) this.link.adopt(missed.model.id);
    this.pacing.forget(); // what went on its way to another connection is not answered
    this.refining.opened(message.features);
    if (message.resumed) this.outbox.keepLoras((message.model.loras ?? []).map(({ name }) => name));
    this.outbox.opened(message.last_id, message.params);
    this.emit("opened", message);
    this.update();
    this.uplink.opened(message.model);
  }

  /** Go on with another model; nothing of before is answered any more. */
  private switched(message: wire.Switched): void {
    const before = this.model;
    this.outbox.switched(message, before, this.switching.answered(message));
    this.link.adopt(message.model.id);
    this.model = message.model;
    this.showing.since(message.id);
    this.media.opened(message.tracks);
    this.talk.switched();
    if (before?.id !== message.model.id) this.refining.superseded();
    this.pacing.reset();
    if (this.drafts) this.pacing.sent(message.id, { sent: this.platform.now(), pen: null, encodeMs: 0, heldMs: 0 });
    this.emit("switched", message);
    this.update();
    this.uplink.opened(message.model);
  }

  private receive(message: Exclude<wire.ServerMessage, wire.Opened>): void {
    if (message.type === "frame") this.frame(message);
    else if (message.type === "switched") this.switched(message);
    else if (message.type === "media" && this.wants(message)) this.emit("media", message);
    else if (message.type === "media") this.media.confirm(message);
    else if (message.type === "film") this.filmed(message);
    else if (message.type === "progress") this.emit("progress", message);
    else if (message.type === "key") this.emit("key", message.track);
    else if (message.type === "queued") this.emit("queued", message.position);
    else if (message.type === "loading") this.emit("loading", message);
    else if (message.type === "error") this.failed(message);
    else if (message.type === "loras") this.relearned(message);
    else if (message.type === "ack" && message.id !== null) {
      this.outbox.acked(message.id);
      if (!this.drafts) this.pacing.forget(message.id); // no picture yet, so no frame answers
      this.emit("ack", { id: message.id, params: message.params });
      this.update();
    }
  }

  /** Whether a frame answers what is sent: the server has the pictures that it needs to draft. */
  private get drafts(): boolean {
    if (this.media.track("out", "video") || this.media.track("out", "audio")) return false;
    return (this.model?.inputs ?? []).every((spec) => !spec.required || this.outbox.has(spec.name));
  }

  private relearned(message: wire.LorasMessage): void {
    if (this.model?.id !== message.model) return; // it makes the final pictures alone
    this.model = { ...this.model, loras: message.loras };
    this.outbox.keepLoras(message.loras.map(({ name }) => name));
    this.emit("loras", message);
  }

  private failed(message: wire.ErrorMessage): void {
    this.pacing.forget(message.id ?? undefined);
    const [error, refused] = taken(message, this.outbox, this.refining, this.switching);
    if (Object.keys(refused).length) this.emit("refused", { refused, params: this.params });
    this.emit("error", error);
    this.update();
    this.uplink.schedule();
  }

  private frame(message: wire.FrameMessage): void {
    const received = this.platform.now();
    const flight = this.pacing.answered(message.id, received, message.timings);
    this.uplink.schedule();
    void this.showing.take(message, flight, received);
  }

  /** A picture is there; tell whether its bitmap is kept. */
  private show(frame: Frame): boolean {
    this.emit("frame", frame);
    const kept = frame.stage === "final" && this.refining.done(frame);
    this.update();
    return kept;
  }

  private filmed(message: wire.FilmMessage): void {
    this.refining.filmed(message);
    this.update();
  }

  private update(): void {
    if (this.link.state !== "open") this.pacing.forget();
    if (this.link.state === "closed") this.switching.end(sessionClosed());
    const busy = this.pacing.inFlight > 0 || this.refining.running || this.switching.sent;
    this.link.expect(busy && this.link.state === "open");
    const state: State = this.link.state === "open" && busy ? "generating" : this.link.state;
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}
