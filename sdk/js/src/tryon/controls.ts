/** All that is pressed beside the picture, put together: how it is looked at, how it is worn, and what comes of it. */

import type { Note, Params } from "../client/protocol.ts";
import { h, show } from "../ui/dom.ts";
import { choosing } from "../ui/files.ts";
import { icon } from "../ui/icons.ts";
import { Adjust } from "./adjust.ts";
import type { FinishEvents } from "./finishing.ts";
import { Finishing } from "./finishing.ts";
import { GARMENT } from "./icons.ts";
import { TryonNotes } from "./notes.ts";
import { Sheet } from "./sheet.ts";
import type { Stage, View } from "./stage/stage.ts";
import type { ToolEvents } from "./tools.ts";
import { Tools } from "./tools.ts";
import { Views } from "./views.ts";
import type { Texts } from "./words/texts.ts";

export interface ControlEvents extends FinishEvents, ToolEvents {
  look(view: View): void;
  set(params: Params): void;
  open(file: Blob): void; // a photo, in place of the one that is there
}

/** What there is to be pressed for. */
export interface Standing {
  photo: boolean;
  filming: boolean;
  worn: boolean; // something is on show
  finishing: boolean;
}

export class Controls {
  /** Under the picture. */
  readonly looks: HTMLElement;
  readonly notes: TryonNotes;
  readonly sheet: Sheet;
  private readonly views: Views;
  private readonly adjust: Adjust;
  private readonly tools: Tools;
  private readonly finishing: Finishing;
  private readonly another: HTMLElement;

  /** `shop` stands before all others. */
  constructor(texts: Texts, shop: HTMLElement[], events: ControlEvents) {
    this.views = new Views(texts, (view) => events.look(view));
    this.adjust = new Adjust(texts, (params) => events.set(params));
    this.tools = new Tools(texts, events);
    this.finishing = new Finishing(texts, events);
    this.notes = new TryonNotes(texts, (place) => {
      this.sheet.show("adjust");
      if (place !== "adjust") events.use(place);
    });
    const choose = h("button", { type: "button", class: "quiet" }, icon("open"));
    choose.append(texts.span(({ stage }) => stage.another));
    const field = choosing(choose, (file) => events.open(file));
    this.another = h("span", { class: "another" }, choose, field);
    this.looks = h("div", { class: "looks" }, this.views.root, this.another);
    this.sheet = new Sheet(texts, {
      garments: { icon: GARMENT, name: ({ catalogue }) => catalogue.label, content: shop },
      adjust: { icon: "more", name: ({ adjust }) => adjust.label, content: [this.adjust.root, this.tools.root] },
      save: { icon: "download", name: ({ actions }) => actions.label, content: [this.finishing.root] },
    });
  }

  /** Show the params as they stand. */
  params(params: Params): void {
    this.adjust.show(params);
  }

  /** Ask what the garment is, where the shop did not say. */
  askKind(ask: boolean): void {
    this.adjust.ask(ask);
  }

  noted(notes: readonly Note[]): void {
    this.notes.show(notes);
  }

  /** Begin anew: nothing is shown any more. */
  clear(): void {
    this.views.show("picture");
    this.notes.show([]);
  }

  /** Offer what can be done as things stand. */
  show({ photo, filming, worn, finishing }: Standing, stage: Stage): void {
    this.views.allow(worn && stage.tool === "none" && !filming);
    show(this.another, photo && !filming);
    const possible = {
      brush: worn,
      points: worn && !stage.garment.dots.empty,
      joints: worn && !stage.joints.empty,
      people: stage.people.several,
    };
    this.tools.show(stage.tool, possible, stage.changed);
    this.finishing.show(worn, photo || filming, finishing);
  }
}
