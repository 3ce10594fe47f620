/** The inside of `<livedraft-sketch>`: puts the parts together and lets them act on each other. */

import { h } from "./dom.ts";
import { LivedraftError } from "./errors.ts";
import { invalid, readPicture, receive } from "./files.ts";
import { Examples } from "./examples.ts";
import type { Read } from "./examples.ts";
import { Finals } from "./finals.ts";
import type { Snapshot } from "./finals.ts";
import { History } from "./history.ts";
import type { Entry } from "./history.ts";
import { Keeping } from "./keeping.ts";
import { Keys } from "./keys.ts";
import { Live } from "./live.ts";
import { Notice } from "./notice.ts";
import { Panel } from "./panel.ts";
import { Paper } from "./paper.ts";
import type { Brush } from "./paper.ts";
import { Player } from "./player.ts";
import type { Opened, Params } from "./protocol.ts";
import { Readout } from "./readout.ts";
import type { Recipe } from "./recipe.ts";
import { paramsOf, Result, sketchOf } from "./result.ts";
import type { Frame, State } from "./session.ts";
import { Settings } from "./settings.ts";
import { fromJson } from "./strokes.ts";
import { Toolbar } from "./toolbar.ts";
import { View } from "./view.ts";

export type Emit = (name: string, detail?: Record<string, unknown>) => void;

const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"];

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
  readonly keeping = new Keeping(this.paper, this.settings, {
    failed: (error) => this.failed(error),
    other: (take) => this.notice.offer("This browser keeps another drawing of this page, from another tab.", "Show it", () => void this.bringBack(take())),
  });
  readonly result = new Result();
  readonly toolbar = new Toolbar({
    brush: (change) => this.setBrush(change), undo: () => this.undo(), redo: () => this.redo(),
    clear: () => this.clear(), open: (file) => void this.open(file),
  });
  readonly panel = new Panel({
    change: (key, value) => this.change({ [key]: value }),
    choice: (key, value) => {
      this.change({ [key]: value });
      if (!this.live.drawn) void this.submit().catch(() => undefined); // nothing else would show it
    },
    refine: () => void this.submit().catch(() => undefined), // the note has said why
    result: () => (this.result.frame ? { picture: this.result.canvas, ink: this.paper.wire } : null),
    failed: (error) => this.unreadable(error),
  });
  readonly history = new History((entry) => void this.bringBack(entry), () => void this.finals.keep(), () => void this.finals.save());
  readonly finals = new Finals(this, {
    changed: () => this.refresh(), failed: (error) => this.failed(error),
    submitted: (shot) => {
      this.emit("submit", { ...shot });
      this.reseed = !this.panel.seed.locked;
    },
  });
  readonly examples = new Examples((example, surprise) => this.begin(example, surprise));
  readonly readout = new Readout();
  readonly notice = new Notice(() => this.retry());
  readonly view = new View((on) => {
    this.finals.atRest = on;
    this.finals.rested();
  });
  readonly keys: Keys;
  readonly root: HTMLElement;
  private readonly sheet: HTMLElement;
  private readonly player = new Player(this.paper);
  private shown = ""; // what can be done, as the parts show it
  private reseed = false; // the next stroke begins with another seed

  constructor(host: HTMLElement, private readonly emit: Emit, private readonly retry: () => void) {
    const cursor = h("span", { class: "cursor", hidden: true });
    const hint = h("p", { class: "hint" }, h("strong", {}, "Draw here"), h("span", { class: "mouse" }, "or drop a picture"), h("span", { class: "touch" }, "or open a picture"));
    this.sheet = h("div", { class: "pane sheet", part: "sheet" }, this.paper.canvas, hint, cursor);
    this.keys = new Keys(this.paper, cursor, {
      undo: () => this.undo(), redo: () => this.redo(), refine: () => void this.submit().catch(() => undefined),
      brush: (change) => this.setBrush(change),
    });
    const panes = h("div", { class: "panes" }, this.sheet, this.result.root, this.examples.root, this.result.chip);
    this.root = h("div", { class: "studio", part: "studio" },
      h("div", { class: "work" }, this.toolbar.root, panes),
      this.panel.ask, this.panel.notes.root, h("slot", { name: "examples" }), this.notice.root, this.panel.tune, this.panel.more, this.history.root, this.readout.root);
    this.view.attach(this.root);
    this.buildPanel();
    this.toolbar.show(this.paper.brush);
    this.sheet.addEventListener("pointerdown", () => this.player.finish(), { capture: true }); // the pen is the user's
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
    if ("prompt" in params) this.panel.notes.show([]); // they were about the one before
    this.panel.show(this.settings.all);
    this.live.set(params);
    this.keeping.soon();
    this.refresh();
    this.finals.rested();
  }

  undo(): void {
    this.player.finish();
    this.paper.undo();
  }

  redo(): void {
    this.paper.redo();
  }

  clear(): void {
    this.player.finish();
    if (this.paper.drawing.empty) return;
    this.paper.clear();
    this.emit("clear", { params: this.settings.all });
  }

  snapshot(): Promise<Snapshot> {
    return this.finals.snapshot();
  }

  /** Make the final picture, keep it and hand it over. */
  submit(): Promise<Snapshot> {
    this.player.finish();
    return this.finals.submit();
  }

  /** Put a picture on the paper; one with a recipe brings its params and its drawing. */
  async open(file: Blob): Promise<void> {
    this.player.finish();
    try {
      const { blob, recipe } = await readPicture(file);
      await this.lay(blob, recipe);
      if (recipe) this.change(this.settings.fit(paramsOf(recipe)));
      this.notice.hide(["invalid_image"]);
    } catch (error) {
      this.unreadable(error);
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
    this.player.finish();
    this.paper.finish();
    this.keeping.atOnce();
  }

  close(): void {
    this.finals.stop();
    this.player.finish();
    this.paper.finish();
    this.keeping.close();
    this.live.stop();
    this.history.close();
  }

  /** Put a picture's drawing on the paper: its strokes, its sketch, or else the picture itself. */
  private async lay(blob: Blob, recipe: Recipe | null): Promise<void> {
    const strokes = recipe?.["strokes"];
    if (Array.isArray(strokes) && strokes.length) return this.paper.replace(fromJson(strokes), null);
    const sketch = recipe && (await sketchOf(recipe));
    if (sketch) this.paper.clear();
    await this.paper.addPicture(sketch ?? blob);
  }

  /** Begin with an example; a surprise brings another seed, and any style. */
  private begin({ prompt, style, strokes }: Read, surprise: boolean): void {
    this.player.finish();
    this.paper.clear();
    this.reseed = false;
    const styles = this.settings.choices("style");
    const any = surprise ? styles[Math.floor(Math.random() * styles.length)] : undefined;
    const painted = style && styles.includes(style) ? style : any;
    const palette = this.settings.all["palette"] ? { palette: [] } : {};
    this.change(this.settings.fit({ prompt, ...palette, ...(painted === undefined ? {} : { style: painted }) }));
    if (surprise) this.panel.seed.roll();
    this.player.play(strokes);
    this.paper.canvas.focus({ preventScroll: true });
  }

  private inked(at: number | null): void {
    if (this.reseed && this.paper.drawingNow) {
      this.reseed = false;
      this.panel.seed.roll();
    }
    this.live.draw(at);
    if (!this.live.drawn) {
      this.result.clear();
      this.panel.notes.show([]);
    }
    this.refresh();
    this.finals.rested();
  }

  private settled(): void {
    this.keeping.now();
    this.refresh();
  }

  private opened(message: Opened): void {
    const [input] = message.model.inputs;
    if (input) {
      this.paper.setInput(input.width, input.height);
      this.root.style.setProperty("--aspect", `${input.width / input.height}`);
    }
    this.buildPanel(message);
    this.panel.show(this.settings.all);
    this.notice.hide(MENDED);
    this.shown = ""; // the panel is new
    this.refresh();
    this.emit("ready", { model: message.model, params: this.settings.all, resumed: message.resumed });
  }

  private buildPanel(message?: Opened): void {
    this.panel.build(message?.model, [this.view.rest.root, this.examples.surprise], [this.view.root]);
  }

  private framed(frame: Frame): void {
    this.result.show(frame);
    this.panel.notes.show(frame.notes);
    if (this.finals.running && frame.stage !== "draft") this.result.progress(frame.step / frame.steps);
    if (frame.stage === "draft") this.finals.rested();
    this.refresh();
    const { id, stage, seed, params, model, width, height, timings, notes } = frame;
    this.emit("change", { id, stage, seed, params, model, width, height, timings, notes });
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

  private unreadable(error: unknown): void {
    const known = error instanceof LivedraftError;
    this.failed(known ? error : invalid("this picture is damaged", "open another one"));
  }

  private setBrush(change: Partial<Brush>): void {
    Object.assign(this.paper.brush, change);
    this.toolbar.show(this.paper.brush);
  }

  private async bringBack(entry: Pick<Entry, "operations" | "base" | "params">): Promise<void> {
    this.player.finish();
    await this.paper.replace(entry.operations, entry.base);
    this.change(this.settings.fit(entry.params));
  }

  /** Let every part show what can be done now; it is called at each point and frame. */
  private refresh(): void {
    const { drawing } = this.paper;
    const { drawn, refinable } = this.live;
    const { running } = this.finals;
    const picture = this.result.frame !== null;
    const count = drawing.operations.length;
    const shown = [drawn, refinable, running, picture, count, drawing.canUndo, drawing.canRedo, drawing.empty].join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.toolbar.enable({ undo: drawing.canUndo, redo: drawing.canRedo, clear: !drawing.empty });
    this.sheet.toggleAttribute("data-empty", !drawn);
    this.root.toggleAttribute("data-blank", !drawn && !picture);
    this.paper.canvas.setAttribute("aria-label", drawn
      ? `Drawing of ${count} strokes. Arrow keys move, Space draws.`
      : "Empty drawing. Draw with the pointer; or arrow keys move, Space draws.");
    this.panel.allow(refinable && !running, running, picture);
    this.history.allow(picture, picture && !running);
  }
}
