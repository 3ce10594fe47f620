/** The inside of `<livedraft-sketch>`: drawing, params and result, and how they act on each other. */

import type { Params } from "../client/protocol.ts";
import type { Frame } from "../client/session.ts";
import { unreadable } from "../media/pictures.ts";
import type { Connection } from "../ui/connection.ts";
import { h } from "../ui/dom.ts";
import { SessionPanel } from "../ui/session_panel.ts";
import { SketchCanvas } from "./canvas.ts";
import { Changes } from "./changes.ts";
import type { Example, Read } from "./examples.ts";
import { readExamples } from "./examples.ts";
import type { Snapshot } from "./finals.ts";
import type { Diagnostics, SketchHost } from "./host.ts";
import { Incoming } from "./incoming.ts";
import { Keeping } from "./keeping.ts";
import { makesFilms, makesPictures, takesDrawings } from "./live.ts";
import { LiveResult } from "./live_result.ts";
import type { Layer } from "./paper.ts";
import { Possible } from "./possible.ts";
import { View } from "./view.ts";

export class Studio {
  readonly canvas: SketchCanvas;
  readonly panel: SessionPanel;
  readonly result: LiveResult;
  readonly keeping: Keeping;
  readonly view: View;
  readonly root: HTMLElement;
  private readonly incoming: Incoming;
  private readonly changes: Changes;
  readonly possible: Possible;
  private reseed = false; // the next stroke begins with another seed

  constructor(
    element: HTMLElement,
    private readonly host: SketchHost,
  ) {
    this.canvas = new SketchCanvas(element, {
      ink: (at, layer) => this.inked(at, layer),
      settled: () => {
        this.keeping.now();
        this.possible.show();
      },
      stroke: () => this.stroked(),
      cleared: () => host.emit("clear", { params: this.settings.all }),
      refine: () => this.askRefine(),
      take: () => void this.incoming.take(this.result.pane),
      open: (file) => void this.open(file).catch(() => undefined),
      example: (example, surprise) => this.begin(example, surprise),
    });
    const { paper, player } = this.canvas;
    this.panel = new SessionPanel(host, {
      fits: takesDrawings,
      finishing: {
        fits: (model) => makesPictures(model) || makesFilms(model),
        pick: (model) => {
          host.finishes(model);
          this.finishWith(model);
        },
        anew: (model) => !takesDrawings(model),
      },
      opened: () => {
        this.adopt();
        this.live.opened();
      },
      pictures: (model) => this.live.pictures(model),
      switched: (message) => {
        this.adopt();
        this.live.switched(message);
      },
      stated: () => this.possible.show(),
      attributed: () => this.refreshParams(),
      concerns: (error) => this.live.concerns(error),
      params: {
        changed: (params) => this.changed(params),
        noted: () => {
          if (!this.live.drawn) this.askRefine(); // nothing else would show it
        },
        refine: () => this.askRefine(),
        result: () => (this.result.pane.frame ? { picture: this.result.pane.canvas, ink: paper.wire } : null),
      },
    });
    this.result = new LiveResult(paper, this.panel, {
      framed: (frame) => this.framed(frame),
      changed: () => this.possible.show(),
      submitted: (shot) => {
        host.emit("submit", { ...shot });
        this.reseed = !this.seed.locked;
      },
      bringBack: (entry) => void this.incoming.bringBack(entry),
      diagnosed: () => host.diagnosed(),
    });
    const { settings } = this;
    this.incoming = new Incoming({ paper, player, settings, change: (params) => this.panel.params.change(params) });
    this.keeping = new Keeping(paper, settings, {
      failed: (error) => this.panel.failed(error),
      other: (take) =>
        this.panel.notice.offer(
          "This browser keeps another drawing of this page, from another tab.",
          "Show it",
          () => void this.incoming.bringBack(take()),
        ),
    });
    this.view = new View((on) => {
      this.result.finals.atRest = on;
      this.result.finals.rested();
    });
    this.changes = new Changes(
      () => this.result.finals.current && !player.playing,
      () => host.emit("change", this.result.pane.detail),
      () => this.result.outdated(), // what is newer may well succeed
    );
    this.panel.own = {
      first: [this.panel.models.root],
      view: [this.view.root],
      more: [this.view.rest.root, this.canvas.examples.surprise],
    };
    this.panel.build();
    const { canvas, panel, result } = this;
    this.root = this.assemble();
    this.possible = new Possible({ canvas, panel, result, root: this.root, drawn: (drawn) => host.drawn(drawn) });
    this.view.attach(this.root);
  }

  get diagnostics(): Diagnostics {
    const { drawing, drawingNow } = this.canvas.paper;
    return {
      ...this.panel.diagnostics,
      ...this.result.diagnostics,
      operations: drawing.operations.length,
      drawing: drawingNow,
      kept: this.keeping.state,
    };
  }

  connect(connection: Connection): void {
    this.live.start(connection);
  }

  /** Have another model make the final pictures from now on; empty: the one that drafts. */
  finishWith(model: string): void {
    if (this.live.session) this.live.session.refineModel = model;
    this.panel.models.showFinish(model);
    this.possible.show();
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

  /** Put a picture on the paper, or a mask over it. */
  async open(source: Blob | string, layer: Layer = "ink"): Promise<void> {
    const error = await this.incoming.open(source, layer).then(() => null, unreadable);
    if (!error) return this.panel.notice.hide(["invalid_image"]);
    this.panel.failed(error);
    throw error;
  }

  showExamples(examples: readonly Example[]): void {
    this.canvas.examples.show(readExamples(examples));
  }

  /** Show params that came from elsewhere: attributes, or what was kept. */
  refreshParams(): void {
    this.panel.params.show();
    this.live.set(this.settings.toSend);
    this.changes.note();
    this.possible.show();
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
    this.panel.close();
  }

  get live(): LiveResult["live"] {
    return this.result.live;
  }

  private get settings(): SessionPanel["settings"] {
    return this.panel.settings;
  }

  private get seed(): SessionPanel["params"]["panel"]["seed"] {
    return this.panel.params.panel.seed;
  }

  private assemble(): HTMLElement {
    const { canvas, result, panel } = this;
    const { ask, notes, tune, more } = panel.params.panel;
    const { pane } = result;
    const panes = h("div", { class: "panes" }, canvas.sheet.root, pane.root, canvas.examples.root, pane.chip);
    return h(
      "div",
      { class: "studio", part: "studio" },
      h("div", { class: "work" }, canvas.toolbar.root, panes),
      ask,
      notes.root,
      h("slot", { name: "examples" }),
      panel.notice.root,
      tune,
      more,
      result.history.root,
      panel.readout.root,
    );
  }

  private begin(example: Read, surprise: boolean): void {
    this.reseed = false;
    if (surprise) this.seed.roll();
    this.incoming.begin(example, surprise);
  }

  private changed(params: Params): void {
    if (Object.keys(params).length) this.result.finals.outdated();
    this.changes.note();
    this.live.set(params);
    this.keeping.soon();
    this.possible.show();
    this.result.finals.rested();
  }

  private inked(at: number | null, layer?: Layer): void {
    if (this.reseed && this.canvas.paper.drawingNow) {
      this.reseed = false;
      this.seed.roll();
    }
    this.live.draw(at, layer);
    this.changes.note();
    if (!this.live.drawn && layer !== "mask") {
      this.result.pane.clear();
      this.panel.params.note([]);
    }
    this.possible.show();
    this.result.finals.rested();
  }

  private stroked(): void {
    this.host.emit("stroke", { params: this.settings.all });
    this.changes.check(); // its last point may have been on show before the pen rose
  }

  /** Take the model that the session has now. */
  private adopt(): void {
    const { input, mask } = this.live;
    this.canvas.offerMask(mask !== null);
    if (input) {
      this.canvas.paper.setInput(input.width, input.height);
      this.root.style.setProperty("--aspect", `${input.width / input.height}`);
    }
    this.possible.forget(); // the panel is new
    this.possible.show();
  }

  private framed(frame: Frame): void {
    this.panel.params.note(frame.notes);
    this.possible.show();
    if (frame.stage === "final") this.changes.note();
    this.host.emit("frame", this.result.pane.detail);
    this.changes.check();
  }

  private askRefine(): void {
    this.result.ask(() => this.submit());
  }
}
