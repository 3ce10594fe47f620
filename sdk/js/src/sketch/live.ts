/** Joins the drawing to a session: ink and params go up, frames come down. */

import type { InputSpec, ModelInfo, Params, Progress, Switched } from "../client/protocol.ts";
import type { Final, Frame, LiveSession, SessionEvents } from "../client/session.ts";
import type { Stats } from "../client/stats.ts";
import { LivedraftError } from "../errors.ts";
import { toBlob } from "../media/encode.ts";
import type { Connection } from "../ui/connection.ts";
import type { SessionPanel } from "../ui/session_panel.ts";
import type { Layer, Paper } from "./paper.ts";

export interface LiveEvents {
  frame(frame: Frame): void;
  shown(picture: SessionEvents["shown"]): void;
  stats(stats: Stats): void;
  progress(progress: Progress): void;
}

/** Whether a model takes a mask here: `mask`, or what a provider calls it, such as `mask_url`. */
export function isMask({ kind, name }: InputSpec): boolean {
  return (kind === undefined || kind === "image") && /^mask(_|$)/.test(name);
}

/** Whether a model takes a picture here. */
export function isPicture(input: InputSpec): boolean {
  return (input.kind === undefined || input.kind === "image") && !isMask(input);
}

/** Whether a model makes pictures of drawings. */
export function takesDrawings(model: ModelInfo): boolean {
  return makesPictures(model) && model.inputs.some(isPicture);
}

/** Whether a model makes pictures, of whatever. */
export function makesPictures({ outputs }: ModelInfo): boolean {
  return outputs?.some(({ kind }) => kind === "image") ?? true;
}

/** Whether a model makes films of drawings or words, which have an end. */
export function makesFilms({ inputs, outputs, endless }: ModelInfo): boolean {
  return !endless && inputs.every(isPicture) && (outputs?.some(({ kind }) => kind === "video") ?? false);
}

export class Live {
  private staleThrough = 0; // ids of what was called off since
  private visible = true;
  private changes = 0; // of the drawing, so that an old one never follows a new one
  private along = 0; // how many of them went along with a change of the model
  private paramsSent = false; // whether the server knows the params as they stand
  private maskSent = false; // whether the server has a mask

  constructor(
    private readonly paper: Paper,
    private readonly panel: SessionPanel,
    private readonly events: LiveEvents,
  ) {}

  get session(): LiveSession | null {
    return this.panel.session;
  }

  /** The picture input that the drawing goes to. */
  get input(): InputSpec | null {
    return this.session?.model?.inputs.find(isPicture) ?? null;
  }

  /** The input that the mask goes to; null where the model has no use for one. */
  get mask(): InputSpec | null {
    return this.session?.model?.inputs.find(isMask) ?? null;
  }

  /** The model that makes the final pictures. */
  get finisher(): string {
    return this.session?.refineModel || (this.session?.model?.id ?? "");
  }

  /** What the final picture has to wait for: how far the model is that makes it; empty where it is there. */
  get waits(): string {
    return this.panel.models.progress(this.finisher);
  }

  /** Whether anything is drawn. Without, no drafts are asked for: the paper invites to draw. */
  get drawn(): boolean {
    return !this.paper.drawing.empty || this.paper.inking;
  }

  /** Whether a part of the picture alone is painted anew. */
  get masked(): boolean {
    return this.mask !== null && this.paper.masked;
  }

  /** Whether a final picture can be asked for: of the drawing, or of the prompt alone. */
  get refinable(): boolean {
    if (!this.session?.model || this.session.state === "closed") return false;
    return this.drawn || (this.input?.required === false && Boolean(this.panel.settings.all["prompt"]));
  }

  /** Whether a picture of this id is of everything as it stands. */
  answered(id: number): boolean {
    const { session } = this;
    return Boolean(session?.allSent) && id >= (session?.lastId ?? 0);
  }

  start(connection: Connection): void {
    this.maskSent = false;
    const session = this.panel.connect(connection, {}); // params go with the first drawing
    session.on("frame", (frame) => {
      if (frame.id > this.staleThrough && (this.drawn || frame.stage !== "draft")) this.events.frame(frame);
    });
    session.on("shown", (picture) => this.events.shown(picture));
    session.on("stats", (stats) => this.events.stats(stats));
    session.on("progress", (progress) => this.events.progress(progress));
    if (!this.visible) session.pause();
  }

  /** Begin on a session that opened: it has to hear of everything anew. */
  opened(): void {
    this.staleThrough = 0;
    this.paramsSent = false;
    if (this.drawn) this.draw(null);
  }

  /** Return the drawing as another model reads it. */
  async pictures(model: ModelInfo): Promise<Record<string, Uint8Array>> {
    const input = model.inputs.find(isPicture);
    this.along = this.changes;
    if (!input || !this.drawn) return {};
    const sketch = encoded(this.paper.sized(input.width, input.height), input);
    const mask = this.paper.masked ? model.inputs.find(isMask) : undefined;
    const masked = mask && toBlob(this.paper.mask.sized(mask));
    return {
      [input.name]: new Uint8Array(await (await sketch).arrayBuffer()),
      ...(mask && masked ? { [mask.name]: new Uint8Array(await (await masked).arrayBuffer()) } : {}),
    };
  }

  /** Go on with another model, which has the drawing, and of the params what it could take over. */
  switched({ params }: Switched): void {
    this.maskSent = this.mask !== null && this.drawn && (this.maskSent || this.paper.masked);
    if (!this.drawn) return;
    this.session?.set(this.panel.settings.missing(params));
    this.paramsSent = true;
    if (this.changes !== this.along) this.draw(null);
  }

  /** Whether an error is about anything that was not called off since. */
  concerns({ id }: LivedraftError): boolean {
    return id === null || id > this.staleThrough;
  }

  /** Stop sending while the element is out of sight. */
  setVisible(visible: boolean): void {
    this.visible = visible;
    if (visible) this.session?.resume();
    else this.session?.pause();
  }

  set(params: Params): void {
    const fitting = this.panel.settings.fit(params);
    if (this.session?.model && this.drawn && Object.keys(fitting).length) this.session.set(fitting);
  }

  /** The drawing changed, of it this layer alone if one is named; `at` is the pointer event's `timeStamp`. */
  draw(at: number | null, layer?: Layer): void {
    const { input, session } = this;
    this.changes += 1;
    if (!input || !session) return;
    if (layer === "mask" && !(this.drawn && this.mask)) return; // over nothing, or for nobody
    if (!this.drawn) return this.blank(input);
    if (!this.paramsSent) session.set(this.panel.settings.toSend);
    this.paramsSent = true;
    const sketch = layer === "mask" ? {} : { [input.name]: this.paper.wire };
    session.send({ ...sketch, ...this.masking(layer) }, at);
  }

  /** Ask for the final picture or film; these params count for it alone. */
  async refine(params: Params = {}): Promise<Final> {
    const { session } = this;
    if (!session) throw new Error("not connected");
    await this.enlarge(Number(params["size"] ?? this.panel.settings.all["size"]));
    if (!this.paramsSent) session.set(this.panel.settings.toSend);
    return session.finish(params);
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

  /**
   * For a picture larger than the model's input, send the drawing as large: its lines stay sharp. What a
   * mask leaves of it goes without loss, whatever its size.
   */
  private async enlarge(size: number): Promise<void> {
    const { input, mask, session, changes } = this;
    if (!input || !session || !this.drawn) return;
    const usual = Math.max(input.width, input.height);
    if (!(size > usual || this.masked)) return;
    const canvas = this.paper.render(Math.max(size || 0, usual));
    const covered = mask && this.masked ? { [mask.name]: await toBlob(this.paper.mask.sized(canvas)) } : {};
    const sketch = await encoded(canvas, input);
    if (changes !== this.changes)
      throw new LivedraftError({ code: "superseded", message: "something newer came", retryable: true });
    session.send({ [input.name]: sketch, ...covered });
  }

  /** Return the mask to be sent, where it may be another than the server has; null takes that away. */
  private masking(layer?: Layer): Record<string, HTMLCanvasElement | null> {
    const { mask, paper, maskSent } = this;
    if (!mask || (layer === "ink" && maskSent === paper.masked)) return {};
    this.maskSent = paper.masked;
    if (paper.masked) return { [mask.name]: paper.mask.sized(mask) };
    return maskSent ? { [mask.name]: null } : {};
  }

  private blank(input: InputSpec): void {
    if (!this.session) return;
    this.callOff();
    this.session.send({ [input.name]: null, ...(this.mask && this.maskSent ? { [this.mask.name]: null } : {}) });
    this.paramsSent = this.maskSent = false;
  }
}

/** Return a drawing as a picture, on white where the input has no transparency. */
function encoded(canvas: HTMLCanvasElement, { alpha }: InputSpec): Promise<Blob> {
  if (!alpha) {
    const context = canvas.getContext("2d")!;
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  return toBlob(canvas);
}
