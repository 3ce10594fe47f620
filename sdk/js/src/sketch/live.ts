/** Joins the element's parts to a session: ink and params go up, frames and states come down. */

import type { ConnectOptions } from "../client/client.ts";
import { connect } from "../client/client.ts";
import type { InputSpec, ModelInfo, Opened, Params } from "../client/protocol.ts";
import type { Frame, LiveSession, SessionEvents, State } from "../client/session.ts";
import type { Stats } from "../client/stats.ts";
import { LivedraftError } from "../errors.ts";
import { toBlob } from "../media/encode.ts";
import type { Settings } from "../ui/settings.ts";
import type { Paper } from "./paper.ts";

export interface LiveEvents {
  opened(message: Opened): void;
  frame(frame: Frame): void;
  shown(picture: SessionEvents["shown"]): void;
  state(state: State, position: number): void;
  stats(stats: Stats): void;
  error(error: LivedraftError): void;
  refused(): void; // a param, which has its value of before again
}

/** Whether a model takes a picture here. */
export function isPicture({ kind }: InputSpec): boolean {
  return kind === undefined || kind === "image";
}

/** Whether a model makes pictures of drawings. */
export function takesDrawings({ inputs, outputs }: ModelInfo): boolean {
  const pictures = outputs?.some(({ kind }) => kind === "image") ?? true;
  return pictures && inputs.some(isPicture);
}

export class Live {
  session: LiveSession | null = null;
  private staleThrough = 0; // ids of what was called off since
  private visible = true;
  private changes = 0; // of the drawing, so that an old one never follows a new one
  private told = false; // whether the server knows the params as they stand

  constructor(
    private readonly paper: Paper,
    private readonly settings: Settings,
    private readonly events: LiveEvents,
  ) {}

  /** The picture input that the drawing goes to. */
  get input(): InputSpec | null {
    return this.session?.model?.inputs.find(isPicture) ?? null;
  }

  /** Whether anything is drawn. Without, no drafts are asked for: the paper invites to draw. */
  get drawn(): boolean {
    return !this.paper.drawing.empty || this.paper.drawingNow;
  }

  /** Whether a final picture can be asked for: of the drawing, or of the prompt alone. */
  get refinable(): boolean {
    if (!this.session?.model || this.session.state === "closed") return false;
    return this.drawn || (this.input?.required === false && Boolean(this.settings.all["prompt"]));
  }

  /** Whether a picture of this id is of everything as it stands. */
  answered(id: number): boolean {
    const { session } = this;
    return Boolean(session?.allSent) && id >= (session?.lastId ?? 0);
  }

  start(options: ConnectOptions): void {
    this.stop();
    const session = connect(options);
    this.session = session;
    session.on("opened", (message) => this.opened(message));
    session.on("frame", (frame) => {
      if (frame.id > this.staleThrough && (this.drawn || frame.stage !== "draft")) this.events.frame(frame);
    });
    session.on("shown", (picture) => this.events.shown(picture));
    session.on("queued", (position) => this.events.state("queued", position));
    session.on("state", (state) => this.events.state(state, 0));
    session.on("stats", (stats) => this.events.stats(stats));
    session.on("refused", ({ refused, params: wanted }) => {
      this.settings.refuse(refused, wanted);
      this.events.refused();
    });
    session.on("error", (error) => {
      if (error.id === null || error.id > this.staleThrough) this.events.error(error);
    });
    if (!this.visible) session.pause();
  }

  stop(): void {
    this.session?.close();
    this.session = null;
  }

  /** Stop sending while the element is out of sight. */
  setVisible(visible: boolean): void {
    this.visible = visible;
    if (visible) this.session?.resume();
    else this.session?.pause();
  }

  set(params: Params): void {
    const fitting = this.settings.fit(params);
    if (this.session?.model && this.drawn && Object.keys(fitting).length) this.session.set(fitting);
  }

  /** The drawing changed; `at` is the pointer event's `timeStamp`. */
  draw(at: number | null): void {
    const { input, session } = this;
    this.changes += 1;
    if (!input || !session) return;
    if (!this.drawn) return this.blank(input);
    if (!this.told) session.set(this.settings.toSend);
    this.told = true;
    session.send({ [input.name]: this.paper.wire }, at);
  }

  /** Ask for the final picture; these params count for it alone. */
  async refine(params: Params = {}): Promise<Frame> {
    const { session } = this;
    if (!session) throw new Error("not connected");
    await this.enlarge(Number(params["size"] ?? this.settings.all["size"]));
    if (!this.told) session.set(this.settings.toSend);
    return session.refine(params);
  }

  /** Give up the final picture that is being made. */
  cancel(): void {
    this.changes += 1;
    this.session?.cancel();
  }

  /** Take no notice any more of what was asked for so far. */
  callOff(): void {
    this.staleThrough = this.session?.lastId ?? 0;
    this.cancel();
  }

  /** For a picture larger than the model's input, send the drawing as large: its lines stay sharp. */
  private async enlarge(size: number): Promise<void> {
    const { input, session, changes } = this;
    if (!input || !session || !this.drawn || !(size > Math.max(input.width, input.height))) return;
    const canvas = this.paper.render(size);
    if (!input.alpha) {
      const context = canvas.getContext("2d")!;
      context.globalCompositeOperation = "destination-over";
      context.fillStyle = "#fff";
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    const sketch = await toBlob(canvas);
    if (changes !== this.changes)
      throw new LivedraftError({ code: "superseded", message: "something newer came", retryable: true });
    session.send({ [input.name]: sketch });
  }

  private blank(input: InputSpec): void {
    if (!this.session) return;
    this.callOff();
    this.session.send({ [input.name]: null });
    this.told = false;
  }

  private opened(message: Opened): void {
    this.staleThrough = 0;
    this.told = false;
    this.settings.opened(message.model.params_schema, message.params, message.resumed);
    this.events.opened(message);
    if (this.drawn) this.draw(null);
  }
}
