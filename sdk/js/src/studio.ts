/** The inside of `<livedraft-sketch>`: puts the parts together and lets them act on each other. */

import { h } from "./dom.ts";
import { LivedraftError } from "./errors.ts";
import { download, invalid, readPicture, receive } from "./files.ts";
import { History } from "./history.ts";
import type { Entry } from "./history.ts";
import { Keeping } from "./keeping.ts";
import { Keys } from "./keys.ts";
import { Live } from "./live.ts";
import { Notice } from "./notice.ts";
import { Panel } from "./panel.ts";
import { Paper } from "./paper.ts";
import type { Brush } from "./paper.ts";
import type { Opened, Params } from "./protocol.ts";
import { Readout } from "./readout.ts";
import { paramsOf, Result, sketchOf } from "./result.ts";
import type { Frame, State } from "./session.ts";
import { Settings } from "./settings.ts";
import { Toolbar } from "./toolbar.ts";
import { toBlob } from "./encode.ts";
import { View } from "./view.ts";

/** A picture, the drawing under it, and the params of both. */
export interface Snapshot {
  image: Blob | null; // PNG with its recipe
  sketch: Blob; // PNG
  params: Params;
}

export type Emit = (name: string, detail?: Record<string, unknown>) => void;

const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"];
const REST_MS = 700; // without ink or changes before a refine by itself

export class Studio {
  readonly settings = new Settings();
  readonly paper = new Paper({
    ink: (at) => this.inked(at),
    settled: () => this.settled(),
    stroke: () => this.emit("stroke", { params: this.settings.all }),
  });
  readonly live = new Live(this.paper, this.settings, {
    opened: (message) => this.opened(message),
    frame: (frame) => this.framed(frame),
    state: (state, position) => this.stated(state, position),
    stats: (stats) => this.readout.stats(stats, performance.now()),
    error: (error) => this.failed(error),
  });
  readonly keeping = new Keeping(this.paper, this.settings);
  readonly result = new Result();
  readonly toolbar = new Toolbar({
    brush: (change) => this.setBrush(change), undo: () => this.undo(), redo: () => this.redo(),
    clear: () => this.clear(), open: (file) => void this.open(file),
  });
  readonly panel = new Panel({
    change: (key, value) => this.change({ [key]: value }),
    refine: () => void this.submit().catch(() => undefined), // the note has said why
  });
  readonly history = new History((entry) => void this.bringBack(entry), () => void this.keep(), () => void this.save());
  readonly readout = new Readout();
  readonly notice = new Notice(() => this.retry());
  readonly view = new View(() => this.rested());
  readonly keys: Keys;
  readonly root: HTMLElement;
  private readonly sheet: HTMLElement;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private refining = false;
  private reseed = false; // the next stroke begins with another seed

  constructor(host: HTMLElement, private readonly emit: Emit, private readonly retry: () => void) {
    const cursor = h("span", { class: "cursor", hidden: true });
    const hint = h("p", { class: "hint" }, h("strong", {}, "Draw here"), h("span", { class: "mouse" }, "or drop a picture"), h("span", { class: "touch" }, "or open a picture"));
    this.sheet = h("div", { class: "pane sheet", part: "sheet" }, this.paper.canvas, hint, cursor);
    this.keys = new Keys(this.paper, cursor, {
      undo: () => this.undo(), redo: () => this.redo(), refine: () => void this.submit().catch(() => undefined),
      brush: (change) => this.setBrush(change),
    });
    const panes = h("div", { class: "panes" }, this.sheet, this.result.root);
    this.root = h("div", { class: "studio", part: "studio" },
      h("div", { class: "work" }, this.toolbar.root, panes),
      this.panel.ask, h("slot", { name: "examples" }), this.notice.root, this.panel.tune, this.panel.more, this.history.root, this.readout.root);
    this.view.attach(this.root);
    this.buildPanel();
    this.toolbar.show(this.paper.brush);
    receive(this.sheet, host, (file) => void this.open(file));
    host.addEventListener("keydown", (event) => this.keys.shortcut(event));
    this.refresh();
  }

  /** Change params by the user's hand. */
  change(params: Params): void {
    this.choose(params);
    this.emit("input", { params: this.settings.all });
  }

  /** Change params by the page's will; says nothing back. */
  choose(params: Params): void {
    this.settings.choose(params);
    this.panel.show(this.settings.all);
    this.live.set(params);
    this.keeping.soon();
    this.refresh();
    this.rested();
  }

  undo(): void {
    this.paper.undo();
  }

  redo(): void {
    this.paper.redo();
  }

  clear(): void {
    if (this.paper.drawing.empty) return;
    this.paper.clear();
    this.emit("clear", { params: this.settings.all });
  }

  async snapshot(): Promise<Snapshot> {
    const sketch = await toBlob(this.paper.canvas);
    return { image: await this.result.png(sketch), sketch, params: this.result.frame?.params ?? this.settings.all };
  }

  /** Make the final picture, keep it and hand it over. */
  async submit(): Promise<Snapshot> {
    if (!this.live.refinable) throw invalid("there is nothing to refine yet", "draw something first");
    const frame = await this.refine();
    const shot = await this.snapshot();
    await this.keep(shot);
    this.emit("submit", { ...shot, id: frame.id, seed: frame.seed });
    this.reseed = !this.panel.seed.locked;
    return shot;
  }

  /** Put a picture on the paper; one with a recipe brings its params and its drawing. */
  async open(file: Blob): Promise<void> {
    try {
      const { blob, recipe } = await readPicture(file);
      const sketch = recipe && (await sketchOf(recipe));
      if (sketch) this.paper.clear();
      await this.paper.addPicture(sketch ?? blob);
      if (recipe) this.change(this.settings.fit(paramsOf(recipe)));
      this.notice.hide(["invalid_image"]);
    } catch (error) {
      const known = error instanceof LivedraftError;
      this.failed(known ? error : invalid("this picture is damaged", "open another one"));
    }
  }

  /** Show params that came from elsewhere: attributes, or what was kept. */
  refreshParams(): void {
    this.panel.show(this.settings.all);
    this.live.set(this.settings.toSend);
    this.refresh();
  }

  /** Keep everything as it stands, since the page may go away. */
  leave(): void {
    this.paper.finish();
    this.keeping.atOnce();
  }

  close(): void {
    clearTimeout(this.rest);
    this.paper.finish();
    this.keeping.close();
    this.live.stop();
    this.history.close();
  }

  private async refine(): Promise<Frame> {
    clearTimeout(this.rest);
    this.busy(true);
    try {
      return await this.live.refine();
    } finally {
      this.busy(false);
    }
  }

  private busy(busy: boolean): void {
    this.refining = busy;
    this.result.progress(busy ? 0.02 : null);
    this.refresh();
  }

  private inked(at: number | null): void {
    if (this.reseed && this.paper.drawingNow) {
      this.reseed = false;
      this.panel.seed.roll();
    }
    this.live.draw(at);
    if (!this.live.drawn) this.result.clear();
    this.refresh();
    this.rested();
  }

  private settled(): void {
    this.keeping.now();
    this.refresh();
  }

  private opened(message: Opened): void {
    const [input] = message.model.inputs;
    if (input) {
      this.paper.setAspect(input.width, input.height);
      this.root.style.setProperty("--aspect", `${input.width / input.height}`);
    }
    this.buildPanel(message);
    this.panel.show(this.settings.all);
    this.notice.hide(MENDED);
    this.refresh();
    this.emit("ready", { model: message.model, params: this.settings.all, resumed: message.resumed });
  }

  private buildPanel(message?: Opened): void {
    this.panel.build(message?.model, [this.view.rest.root], [this.view.root]);
  }

  private framed(frame: Frame): void {
    this.result.show(frame);
    if (this.refining && frame.stage !== "draft") this.result.progress(frame.step / frame.steps);
    if (frame.stage === "draft") this.rested();
    this.refresh();
    const { id, stage, seed, params, model, width, height, timings } = frame;
    this.emit("change", { id, stage, seed, params, model, width, height, timings });
  }

  /** After a while without anything new, refine by itself where the user wants that. */
  private rested(): void {
    clearTimeout(this.rest);
    if (!this.view.refineAtRest || this.refining || !this.live.drawn) return;
    if (this.result.frame?.stage === "final") return;
    this.rest = setTimeout(() => {
      if (!this.paper.drawingNow) void this.refine().catch(() => undefined); // superseded: drawn on
    }, REST_MS);
  }

  private stated(state: State, position: number): void {
    this.readout.state(state, position);
    this.root.dataset["state"] = state;
    this.refresh();
  }

  private failed(error: LivedraftError): void {
    this.notice.show(error, this.live.session?.state === "closed" || error.code === "connect_failed");
    this.emit("error", { code: error.code, message: error.message, fix: error.fix, retryable: error.retryable });
  }

  private setBrush(change: Partial<Brush>): void {
    Object.assign(this.paper.brush, change);
    this.toolbar.show(this.paper.brush);
  }

  private async keep(shot?: Snapshot): Promise<void> {
    const { image } = shot ?? (await this.snapshot());
    if (!image) return;
    const { operations } = this.paper.drawing;
    const params = this.result.frame?.params ?? this.settings.all;
    this.history.add({ image, params, operations: [...operations], base: await this.paper.keepBase() });
  }

  private async save(): Promise<void> {
    const { image } = await this.snapshot();
    const name = String(this.settings.all["prompt"] || "drawing").replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60);
    if (image) download(image, `${name || "drawing"}.png`);
  }

  private async bringBack(entry: Entry): Promise<void> {
    await this.paper.replace(entry.operations, entry.base);
    this.change(this.settings.fit(entry.params));
  }

  /** Let every part show what can be done now. */
  private refresh(): void {
    const { drawing } = this.paper;
    const { drawn } = this.live;
    this.toolbar.enable({ undo: drawing.canUndo, redo: drawing.canRedo, clear: !drawing.empty });
    this.sheet.toggleAttribute("data-empty", !drawn);
    this.paper.canvas.setAttribute("aria-label", drawn
      ? `Drawing of ${drawing.operations.length} strokes. Arrow keys move, Space draws.`
      : "Empty drawing. Draw with the pointer; or arrow keys move, Space draws.");
    this.panel.allow(this.live.refinable && !this.refining, this.refining);
    this.history.allow(this.result.frame !== null);
  }
}
