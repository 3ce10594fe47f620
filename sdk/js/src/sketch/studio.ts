/** The inside of `<livedraft-sketch>`: drawing, params and result, and how they act on each other. */

import type { Opened, Params } from "../client/protocol.ts";
import type { Frame } from "../client/session.ts";
import { unreadable } from "../media/pictures.ts";
import { h } from "../ui/dom.ts";
import { ModelMenu } from "../ui/models.ts";
import { ParamPanel } from "../ui/params.ts";
import { SketchCanvas } from "./canvas.ts";
import { Changes } from "./changes.ts";
import type { Example, Read } from "./examples.ts";
import { readExamples } from "./examples.ts";
import type { Snapshot } from "./finals.ts";
import type { Host } from "./host.ts";
import { Incoming } from "./incoming.ts";
import { Keeping } from "./keeping.ts";
import { takesDrawings } from "./live.ts";
import { LiveResult } from "./live_result.ts";
import { View } from "./view.ts";

export class Studio {
  readonly canvas: SketchCanvas;
  readonly params: ParamPanel;
  readonly result: LiveResult;
  readonly keeping: Keeping;
  readonly view: View;
  readonly root: HTMLElement;
  private readonly models: ModelMenu;
  private readonly incoming: Incoming;
  private readonly changes: Changes;
  private shown = ""; // what can be done, as the parts show it
  private reseed = false; // the next stroke begins with another seed

  constructor(
    element: HTMLElement,
    private readonly host: Host,
  ) {
    this.canvas = new SketchCanvas(element, {
      ink: (at) => this.inked(at),
      settled: () => {
        this.keeping.now();
        this.refresh();
      },
      stroke: () => this.stroked(),
      cleared: () => host.emit("clear", { params: this.settings.all }),
      refine: () => this.askRefine(),
      open: (file) => void this.open(file).catch(() => undefined),
      example: (example, surprise) => this.begin(example, surprise),
    });
    const { paper } = this.canvas;
    this.params = new ParamPanel({
      input: () => host.emit("input", { params: this.settings.all }),
      changed: (params) => this.changed(params),
      noted: () => {
        if (!this.live.drawn) this.askRefine(); // nothing else would show it
      },
      refine: () => this.askRefine(),
      result: () => (this.result.pane.frame ? { picture: this.result.pane.canvas, ink: paper.wire } : null),
      failed: (error) => this.result.failed(unreadable(error)),
    });
    this.result = new LiveResult(paper, this.settings, {
      opened: (message) => this.opened(message),
      framed: (frame) => this.framed(frame),
      changed: () => this.refresh(),
      refused: () => this.params.choose({}), // what is in force again is shown and kept
      submitted: (shot) => {
        host.emit("submit", { ...shot });
        this.reseed = !this.params.panel.seed.locked;
      },
      bringBack: (entry) => void this.incoming.bringBack(entry),
      retry: () => host.retry(),
      failed: (error) => host.failed(error),
      diagnosed: () => this.diagnosed(),
    });
    this.keeping = new Keeping(paper, this.settings, {
      failed: (error) => this.result.failed(error),
      other: (take) =>
        this.result.notice.offer(
          "This browser keeps another drawing of this page, from another tab.",
          "Show it",
          () => void this.incoming.bringBack(take()),
        ),
    });
    this.models = new ModelMenu(takesDrawings, (model) => host.pick(model));
    this.view = new View((on) => {
      this.result.finals.atRest = on;
      this.result.finals.rested();
    });
    this.incoming = new Incoming({
      paper,
      player: this.canvas.player,
      settings: this.settings,
      change: (params) => this.params.change(params),
    });
    this.changes = new Changes(
      () => this.result.finals.current && !this.canvas.player.playing,
      () => host.emit("change", this.result.pane.detail),
      () => this.result.outdated(), // what is newer may well succeed
    );
    this.root = this.assemble();
    this.view.attach(this.root);
    this.buildPanel();
  }

  get settings(): ParamPanel["settings"] {
    return this.params.settings;
  }

  /** Empty the paper, which can be undone, and go back to the params that the page asks for. */
  reset(): void {
    this.canvas.clear();
    this.live.set(this.settings.reset());
    this.keeping.soon();
    this.refreshParams();
  }

  /** Let the user do nothing here. */
  disable(disabled: boolean): void {
    this.canvas.finish();
    this.root.inert = disabled;
  }

  /** Make the final picture, keep it and hand it over. */
  submit(): Promise<Snapshot> {
    this.canvas.player.finish();
    return this.result.finals.submit();
  }

  snapshotNow(): Snapshot & { empty: boolean } {
    this.canvas.finish();
    return { ...this.result.finals.snapshotNow(), empty: !this.live.drawn };
  }

  /** Put a picture on the paper. */
  async open(source: Blob | string): Promise<void> {
    const error = await this.incoming.open(source).then(() => null, unreadable);
    if (!error) return this.result.notice.hide(["invalid_image"]);
    this.result.failed(error);
    throw error;
  }

  showExamples(examples: readonly Example[]): void {
    this.canvas.examples.show(readExamples(examples));
  }

  /** Show params that came from elsewhere: attributes, or what was kept. */
  refreshParams(): void {
    this.params.show();
    this.live.set(this.settings.toSend);
    this.changes.note();
    this.refresh();
  }

  /** Keep everything as it stands, since the page may go away. */
  leave(): void {
    this.canvas.finish();
    this.keeping.atOnce();
  }

  close(): void {
    this.canvas.finish();
    this.keeping.close();
    this.result.close();
  }

  private get live(): LiveResult["live"] {
    return this.result.live;
  }

  private assemble(): HTMLElement {
    const { canvas, result } = this;
    const { panel } = this.params;
    const panes = h(
      "div",
      { class: "panes" },
      canvas.sheet.root,
      result.pane.root,
      canvas.examples.root,
      result.pane.chip,
    );
    return h(
      "div",
      { class: "studio", part: "studio" },
      h("div", { class: "work" }, canvas.toolbar.root, panes),
      panel.ask,
      panel.notes.root,
      h("slot", { name: "examples" }),
      result.notice.root,
      panel.tune,
      panel.more,
      result.history.root,
      result.readout.root,
    );
  }

  private begin(example: Read, surprise: boolean): void {
    this.reseed = false;
    if (surprise) this.params.panel.seed.roll();
    this.incoming.begin(example, surprise);
  }

  private changed(params: Params): void {
    if (Object.keys(params).length) this.result.finals.outdated();
    this.changes.note();
    this.live.set(params);
    this.keeping.soon();
    this.refresh();
    this.result.finals.rested();
  }

  private inked(at: number | null): void {
    if (this.reseed && this.canvas.paper.drawingNow) {
      this.reseed = false;
      this.params.panel.seed.roll();
    }
    this.live.draw(at);
    this.changes.note();
    if (!this.live.drawn) {
      this.result.pane.clear();
      this.params.note([]);
    }
    this.refresh();
    this.result.finals.rested();
  }

  private stroked(): void {
    this.host.emit("stroke", { params: this.settings.all });
    this.changes.check(); // its last point may have been on show before the pen rose
  }

  private opened(message: Opened): void {
    const input = this.live.input;
    if (input) {
      this.canvas.paper.setInput(input.width, input.height);
      this.root.style.setProperty("--aspect", `${input.width / input.height}`);
    }
    this.buildPanel(message);
    const { connection } = this.result;
    if (!this.host.choosesModel()) this.models.hide();
    else if (connection) void this.models.offer(connection, message.model);
    this.shown = ""; // the panel is new
    this.refresh();
    this.host.emit("ready", { model: message.model, params: this.settings.all, resumed: message.resumed });
  }

  private buildPanel(message?: Opened): void {
    this.params.build(message?.model, {
      first: [this.models.root],
      view: [this.view.root],
      more: [this.view.rest.root, this.canvas.examples.surprise],
    });
  }

  private framed(frame: Frame): void {
    this.params.note(frame.notes);
    this.refresh();
    if (frame.stage === "final") this.changes.note();
    this.host.emit("frame", this.result.pane.detail);
    this.changes.check();
  }

  private askRefine(): void {
    this.result.ask(() => this.submit());
  }

  private diagnosed(): void {
    const { diagnostics } = this.result;
    this.root.dataset["state"] = diagnostics.state;
    this.host.emit("diagnostics", diagnostics);
  }

  /** Let every part show what can be done now; it is called at each point and frame. */
  refresh(): void {
    const { drawing } = this.canvas.paper;
    const { drawn } = this.live;
    const { running, refusal } = this.result.finals;
    const picture = this.result.pane.frame !== null;
    const shown = [
      drawn,
      refusal,
      running,
      picture,
      drawing.coloured,
      drawing.operations.length,
      drawing.canUndo,
      drawing.canRedo,
      drawing.empty,
    ].join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.host.drawn(drawn);
    this.canvas.refresh(drawn);
    this.root.toggleAttribute("data-blank", !drawn && !picture);
    this.params.panel.allow(refusal, running, picture, drawing.coloured);
    this.result.refresh();
  }
}
