/** The inside of `<livedraft-sketch>`: puts the parts together and lets them act on each other. */

import { Changes } from "./changes.ts";
import { h } from "./dom.ts";
import { LivedraftError } from "./errors.ts";
import { receive, unreadable } from "./files.ts";
import { Examples } from "./examples.ts";
import { Finals } from "./finals.ts";
import type { Snapshot } from "./finals.ts";
import { History } from "./history.ts";
import { Incoming } from "./incoming.ts";
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
import { Result } from "./result.ts";
import type { Frame, State } from "./session.ts";
import { Settings } from "./settings.ts";
import { Sheet } from "./sheet.ts";
import { Toolbar } from "./toolbar.ts";
import { View } from "./view.ts";

/** What the element around it does. */
export interface Host {
  emit(name: string, detail: Record<string, unknown>): void;
  retry(): void; // to connect
  drawn(drawn: boolean): void; // something is on the paper, or nothing any more
}

const NO_USE = "nothing_to_refine"; // told calmly: nothing went wrong
const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"];

export class Studio {
  readonly settings = new Settings();
  readonly paper = new Paper({
    ink: (at) => this.inked(at),
    settled: () => {
      this.keeping.now();
      this.refresh();
    },
    stroke: () => this.stroked(),
  });
  readonly live = new Live(this.paper, this.settings, {
    opened: (message) => this.opened(message),
    frame: (frame) => this.framed(frame),
    state: (state, position) => this.stated(state, position),
    stats: (stats) => this.readout.stats(stats, performance.now()),
    error: (error) => this.failed(error),
    refused: () => this.choose({}), // what is in force again is shown and kept
  });
  readonly keeping = new Keeping(this.paper, this.settings, {
    failed: (error) => this.failed(error),
    other: (take) => this.notice.offer("This browser keeps another drawing of this page, from another tab.", "Show it", () => void this.incoming.bringBack(take())),
  });
  readonly result = new Result();
  readonly toolbar = new Toolbar({
    brush: (change) => this.setBrush(change), undo: () => this.undo(), redo: () => this.paper.redo(),
    clear: () => this.clear(), open: (file) => void this.open(file).catch(() => undefined),
  });
  readonly panel = new Panel({
    change: (key, value) => this.change({ [key]: value }),
    choice: (key, value) => {
      this.change({ [key]: value });
      if (!this.live.drawn) this.askRefine(); // nothing else would show it
    },
    refine: () => this.askRefine(),
    result: () => (this.result.frame ? { picture: this.result.canvas, ink: this.paper.wire } : null),
    failed: (error) => this.failed(unreadable(error)),
  });
  readonly history = new History((entry) => void this.incoming.bringBack(entry), () => void this.finals.keep(), () => void this.finals.save());
  readonly finals = new Finals(this, {
    changed: () => this.refresh(), failed: (error) => this.failed(error),
    submitted: (shot) => {
      this.host.emit("submit", { ...shot });
      this.reseed = !this.panel.seed.locked;
    },
  });
  readonly examples = new Examples((example, surprise) => {
    this.reseed = false;
    if (surprise) this.panel.seed.roll();
    this.incoming.begin(example, surprise);
  });
  readonly readout = new Readout();
  readonly notice = new Notice(() => this.host.retry());
  readonly view = new View((on) => {
    this.finals.atRest = on;
    this.finals.rested();
  });
  readonly keys: Keys;
  readonly root: HTMLElement;
  private readonly sheet = new Sheet(this.paper.canvas, this.paper.corners);
  readonly player = new Player(this.paper);
  private readonly incoming = new Incoming(this);
  private readonly changes = new Changes(() => this.finals.current && !this.player.playing, () => this.host.emit("change", this.result.detail),
    () => (this.live.drawn ? this.notice.forget(this.finals.failure) : this.notice.answered(Infinity))); // what is newer may well succeed
  private shown = ""; // what can be done, as the parts show it
  private reseed = false; // the next stroke begins with another seed

  constructor(element: HTMLElement, private readonly host: Host) {
    this.keys = new Keys(this.paper, this.sheet.cursor, {
      undo: () => this.undo(), redo: () => this.paper.redo(), refine: () => this.askRefine(),
      brush: (change) => this.setBrush(change),
    });
    const panes = h("div", { class: "panes" }, this.sheet.root, this.result.root, this.examples.root, this.result.chip);
    this.root = h("div", { class: "studio", part: "studio" },
      h("div", { class: "work" }, this.toolbar.root, panes),
      this.panel.ask, this.panel.notes.root, h("slot", { name: "examples" }), this.notice.root, this.panel.tune, this.panel.more, this.history.root, this.readout.root);
    this.view.attach(this.root);
    this.buildPanel();
    this.toolbar.show(this.paper.brush);
    this.sheet.root.addEventListener("pointerdown", () => this.player.finish(), { capture: true }); // the pen is the user's
    receive(this.sheet.root, element, (file) => void this.open(file).catch(() => undefined));
    element.addEventListener("keydown", (event) => this.keys.shortcut(event));
  }

  /** Change params by the user's hand. */
  change(params: Params): void {
    this.choose(params);
    this.host.emit("input", { params: this.settings.all });
  }

  /** Change params by the page's will; says nothing back. */
  choose(params: Params): void {
    this.settings.choose(params);
    if ("prompt" in params) this.panel.notes.show([]); // they were about the one before
    if (Object.keys(params).length) this.finals.outdated();
    this.changes.note();
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

  clear(): void {
    this.player.finish();
    if (this.paper.drawing.empty) return;
    this.paper.clear();
    this.host.emit("clear", { params: this.settings.all });
  }

  snapshotNow(): Snapshot & { empty: boolean } {
    this.player.finish();
    this.paper.finish();
    return { ...this.finals.snapshotNow(), empty: !this.live.drawn };
  }

  /** Empty the paper, which can be undone, and go back to the params that the page asks for. */
  reset(): void {
    this.clear();
    this.live.set(this.settings.reset());
    this.keeping.soon();
    this.refreshParams();
  }

  /** Let the user do nothing here. */
  disable(disabled: boolean): void {
    this.player.finish();
    this.paper.finish();
    this.root.inert = disabled;
  }

  /** Make the final picture, keep it and hand it over. */
  submit(): Promise<Snapshot> {
    this.player.finish();
    return this.finals.submit();
  }

  async open(source: Blob | string): Promise<void> {
    const error = await this.incoming.open(source).then(() => null, unreadable);
    if (!error) return this.notice.hide(["invalid_image"]);
    this.failed(error);
    throw error;
  }

  /** Show params that came from elsewhere: attributes, or what was kept. */
  refreshParams(): void {
    this.panel.show(this.settings.all);
    this.live.set(this.settings.toSend);
    this.changes.note();
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

  private inked(at: number | null): void {
    if (this.reseed && this.paper.drawingNow) {
      this.reseed = false;
      this.panel.seed.roll();
    }
    this.live.draw(at);
    this.changes.note();
    if (!this.live.drawn) {
      this.result.clear();
      this.panel.notes.show([]);
    }
    this.refresh();
    this.finals.rested();
  }

  private stroked(): void {
    this.host.emit("stroke", { params: this.settings.all });
    this.changes.check(); // its last point may have been on show before the pen rose
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
    this.host.emit("ready", { model: message.model, params: this.settings.all, resumed: message.resumed });
  }

  private buildPanel(message?: Opened): void {
    this.panel.build(message?.model, [this.view.rest.root, this.examples.surprise], [this.view.root]);
  }

  private framed(frame: Frame): void {
    this.result.show(frame);
    this.notice.answered(frame.id);
    this.panel.notes.show(frame.notes);
    if (this.finals.running && frame.stage !== "draft") this.result.progress(frame.step / frame.steps);
    if (frame.stage === "draft") this.finals.rested();
    this.refresh();
    if (frame.stage === "final") this.changes.note();
    this.host.emit("frame", this.result.detail);
    this.changes.check();
  }

  private askRefine(): void {
    const { refusal, running } = this.finals;
    if (running) return;
    if (refusal) this.notice.show(new LivedraftError({ code: NO_USE, message: refusal }), false, true);
    else void this.submit().catch(() => undefined); // the note has said why
  }

  private stated(state: State, position: number): void {
    this.readout.state(state, position);
    this.root.dataset["state"] = state;
    this.refresh();
  }

  private failed(error: LivedraftError): void {
    this.notice.show(error, this.live.session?.state === "closed" || error.code === "connect_failed");
    this.host.emit("error", { code: error.code, message: error.message, fix: error.fix, retryable: error.retryable });
  }

  private setBrush(change: Partial<Brush>): void {
    Object.assign(this.paper.brush, change);
    this.toolbar.show(this.paper.brush);
  }

  /** Let every part show what can be done now; it is called at each point and frame. */
  refresh(): void {
    const [{ drawing }, { drawn }, { running, refusal }] = [this.paper, this.live, this.finals];
    const picture = this.result.frame !== null;
    const count = drawing.operations.length;
    const shown = [drawn, refusal, running, picture, drawing.coloured, count, drawing.canUndo, drawing.canRedo, drawing.empty].join();
    if (shown === this.shown) return;
    this.shown = shown;
    if (!refusal) this.notice.hide([NO_USE]);
    this.host.drawn(drawn);
    this.toolbar.enable({ undo: drawing.canUndo, redo: drawing.canRedo, clear: !drawing.empty });
    this.sheet.show(drawn, count);
    this.root.toggleAttribute("data-blank", !drawn && !picture);
    this.panel.allow(refusal, running, picture, drawing.coloured);
    this.history.allow(picture, picture && !running);
  }
}
