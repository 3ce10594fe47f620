/** The microphone's two buttons: on for as long as one likes, or while one is held. */

import { h, show } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import { HOLD, MICROPHONE } from "../icons.ts";
import type { Texts } from "../words/words.ts";

export interface MicEvents {
  turn(on: boolean): void;
  hold(on: boolean): void;
}

export class Mic {
  readonly root: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private readonly holder: HTMLButtonElement;
  private holding = false;

  constructor(
    private readonly texts: Texts,
    private readonly events: MicEvents,
  ) {
    this.toggle = h("button", { type: "button", class: "quiet mic", "aria-pressed": "false" }, icon(MICROPHONE));
    this.toggle.append(texts.span(({ microphone }) => microphone.on));
    this.toggle.addEventListener("click", () => events.turn(this.toggle.getAttribute("aria-pressed") !== "true"));
    texts.say(() => this.name());
    this.holder = h("button", { type: "button", class: "quiet hold", "aria-pressed": "false" }, icon(HOLD));
    this.holder.append(texts.span(({ microphone }) => microphone.hold));
    this.holds();
    this.root = h("div", { class: "mics" }, this.toggle, this.holder);
  }

  /** Offer it where the model takes a voice, or the page does. */
  offer(on: boolean): void {
    show(this.root, on);
  }

  /** Show whether it is on. */
  on(on: boolean): void {
    this.toggle.setAttribute("aria-pressed", String(on));
    this.name();
  }

  level(level: number): void {
    this.root.style.setProperty("--level", `${Math.round(Math.min(1, level * 5) * 100)}%`);
  }

  private name(): void {
    const { microphone } = this.texts.words;
    const on = this.toggle.getAttribute("aria-pressed") === "true";
    this.toggle.title = on ? microphone.off : microphone.on;
  }

  /** A finger, a mouse or the space bar holds it; what takes the focus or the pointer away lets go. */
  private holds(): void {
    const { holder } = this;
    holder.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      holder.setPointerCapture?.(event.pointerId);
      this.hold(true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"])
      holder.addEventListener(end, () => this.hold(false));
    holder.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press of a finger
    holder.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) this.hold(true);
    });
    holder.addEventListener("keyup", (event) => {
      if (event.key === " " || event.key === "Enter") this.hold(false);
    });
  }

  private hold(on: boolean): void {
    if (on === this.holding) return;
    this.holding = on;
    this.holder.setAttribute("aria-pressed", String(on));
    this.events.hold(on);
  }
}
