/** Sound, captions and recording, in a row with what opens the settings. */

import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import { CAPTIONS, RECORD, SILENT, SOUND, STOP } from "./icons.ts";
import type { Texts } from "./words/words.ts";

export interface ControlEvents {
  mute(muted: boolean): void;
  loud(volume: number): void;
  captions(on: boolean): void;
  record(on: boolean): void;
}

export class Controls {
  readonly root: HTMLElement;
  /** Where the settings open. */
  readonly settings: HTMLButtonElement;
  private readonly sound = button(SOUND, "", () => this.events.mute(!this.silent));
  private readonly captionsButton = button(CAPTIONS, "", () => this.events.captions(!pressed(this.captionsButton)));
  private readonly recorder = h("button", { type: "button", class: "quiet record" });
  private readonly volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, class: "volume" });
  private silent = false;
  private recording = false;

  constructor(
    private readonly texts: Texts,
    private readonly events: ControlEvents,
  ) {
    const { volume, recorder } = this;
    texts.name(volume, ({ sound }) => sound.volume, true);
    volume.addEventListener("input", () => events.loud(volume.valueAsNumber));
    texts.name(this.captionsButton, ({ sound }) => sound.captions, true);
    recorder.addEventListener("click", () => events.record(!this.recording));
    this.settings = h("button", { type: "button", class: "tool", "aria-expanded": "false" }, icon("more"));
    this.settings.setAttribute("aria-controls", "settings");
    texts.name(this.settings, ({ settings }) => settings.label, true);
    const group = { class: "controls", role: "group", part: "controls" };
    const sounds = h("span", { class: "sounds" }, this.sound, volume);
    this.root = h("div", group, sounds, this.captionsButton, recorder, this.settings);
    texts.name(this.root, ({ sound }) => sound.label);
    texts.say(() => this.name());
    this.loud(1);
    this.captions(true);
  }

  muted(muted: boolean): void {
    this.silent = muted;
    this.name();
  }

  loud(volume: number): void {
    this.volume.value = String(volume);
    this.volume.style.setProperty("--part", `${volume * 100}%`);
  }

  captions(on: boolean): void {
    this.captionsButton.setAttribute("aria-pressed", String(on));
  }

  records(on: boolean): void {
    this.recording = on;
    this.name();
  }

  /** Whether this browser can record at all. */
  offer(records: boolean): void {
    show(this.recorder, records);
  }

  private name(): void {
    const { sound, record } = this.texts.words;
    const { silent, recording, recorder } = this;
    this.sound.replaceChildren(icon(silent ? SILENT : SOUND));
    this.sound.title = silent ? sound.unmute : sound.mute;
    this.sound.setAttribute("aria-label", this.sound.title);
    recorder.replaceChildren(icon(recording ? STOP : RECORD), h("span", {}, recording ? record.stop : record.start));
    recorder.title = record.hint;
    recorder.toggleAttribute("data-on", recording);
  }
}

function pressed(toggle: HTMLElement): boolean {
  return toggle.getAttribute("aria-pressed") === "true";
}
