/** How the picture is looked at, and what leaves: a snapshot, a film, a window of its own, the whole screen. */

import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import { segments } from "../ui/fields.ts";
import { icon } from "../ui/icons.ts";
import { EXPAND, MICROPHONE, POPOUT, RECORD, SNAPSHOT, STOP } from "./icons.ts";
import type { Look } from "./view.ts";
import { LOOKS } from "./view.ts";

export interface ToolEvents {
  look(look: Look): void;
  snapshot(): void;
  record(): void;
  sound(on: boolean): void;
  popout(): void;
  expand(): void;
}

const VIEW = { key: "view", title: "View", hint: "Key V", reach: "all", kind: "choice" } as const;

export class Tools {
  readonly root: HTMLElement;
  private readonly looks = segments({ ...VIEW, choices: [...LOOKS] }, (look) => this.events.look(look as Look));
  private readonly snapshot = button(SNAPSHOT, "Save this picture (S)", () => this.events.snapshot());
  private readonly recorder = h("button", {
    type: "button",
    class: "quiet record",
    onclick: () => this.events.record(),
  });
  private readonly sound = button(MICROPHONE, "Record with sound", () => {
    this.events.sound(this.sound.getAttribute("aria-pressed") !== "true");
  });
  private readonly popout = button(POPOUT, "A window with nothing but the picture (W)", () => this.events.popout());
  private readonly expand = button(EXPAND, "Full screen (F)", () => this.events.expand());
  private pictures = false;

  constructor(private readonly events: ToolEvents) {
    this.snapshot.setAttribute("aria-keyshortcuts", "S");
    this.recorder.setAttribute("aria-keyshortcuts", "R");
    this.popout.setAttribute("aria-keyshortcuts", "W");
    this.expand.setAttribute("aria-keyshortcuts", "F");
    const takes = h("div", { class: "takes" }, this.snapshot, this.recorder, this.sound, this.popout, this.expand);
    const group = { class: "looking", role: "group", "aria-label": "Picture", part: "tools" };
    this.root = h("div", group, this.looks.root, takes);
    this.look("beside");
    this.records(false);
    this.sounds(true);
  }

  /** Offer what there is a use for: views of what is sent, recording, the whole screen. */
  offer(pictures: boolean, records: boolean, expands: boolean): void {
    this.pictures = pictures;
    show(this.looks.root, pictures);
    show(this.recorder, records);
    show(this.sound, records);
    show(this.expand, expands);
  }

  /** Whether there is a picture to save. */
  painted(picture: boolean): void {
    for (const each of [this.snapshot, this.recorder, this.popout]) each.disabled = !picture;
  }

  look(look: Look): void {
    this.looks.show(look);
  }

  /** The look after this one. */
  after(look: Look): Look {
    return this.pictures ? LOOKS[(LOOKS.indexOf(look) + 1) % LOOKS.length]! : look;
  }

  records(on: boolean): void {
    this.recorder.replaceChildren(icon(on ? STOP : RECORD), h("span", {}, on ? "Stop recording" : "Record"));
    this.recorder.title = "Record what is seen, as a film (R)";
    this.recorder.toggleAttribute("data-on", on);
  }

  sounds(on: boolean): void {
    this.sound.setAttribute("aria-pressed", String(on));
  }

  pops(on: boolean): void {
    this.popout.setAttribute("aria-pressed", String(on));
  }
}
