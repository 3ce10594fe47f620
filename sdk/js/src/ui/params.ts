/** The params of an element: what model, page and user want of them, and the panel that shows them. */

import type { ModelInfo, Note, Params } from "../client/protocol.ts";
import { h, show } from "./dom.ts";
import type { OwnControls, PanelEvents } from "./panel.ts";
import { Panel } from "./panel.ts";
import { fields } from "./schema.ts";
import { Settings } from "./settings.ts";

export interface ParamEvents extends Omit<PanelEvents, "change" | "choice"> {
  input(): void; // the user changed one
  changed(params: Params): void; // anyone did
  noted(): void; // the user took what a note offers
}

export class ParamPanel {
  readonly settings = new Settings();
  readonly panel: Panel;
  private whole: HTMLElement | null = null;

  constructor(private readonly events: ParamEvents) {
    this.panel = new Panel({
      ...events,
      change: (key, value) => this.change({ [key]: value }),
      choice: (key, value) => {
        this.change({ [key]: value });
        events.noted();
      },
    });
  }

  /** Change params by the user's hand. */
  change(params: Params): void {
    this.choose(params);
    this.events.input();
  }

  /** Change params by the page's will; says nothing back. */
  choose(params: Params): void {
    this.settings.choose(params);
    if ("prompt" in params) this.panel.notes.show([]); // they were about the one before
    this.show();
    this.events.changed(params);
  }

  /** Draw the fields of a model's params, with controls of the element's own. */
  build(model: ModelInfo | undefined, own: OwnControls = {}): void {
    this.panel.build(model, own);
    if (this.whole) show(this.whole, fields(model?.params_schema).length > 0);
    this.show();
  }

  /** Show the params as they stand. */
  show(): void {
    this.panel.show(this.settings.all);
  }

  /** Return all of it in one block, for an element that has no places of its own for the parts. */
  block(): HTMLElement {
    const { ask, notes, tune, more } = this.panel;
    this.whole = h("div", { class: "params" }, ask, notes.root, tune, more);
    show(this.whole, false);
    return this.whole;
  }

  note(notes: Note[]): void {
    this.panel.notes.show(notes);
  }
}
