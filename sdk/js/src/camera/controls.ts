/** Start and stop, and what is sent: which source, which camera, the microphone; and whether it is heard. */

import { cameras } from "../media/devices.ts";
import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import { segments } from "../ui/fields.ts";
import { chooser } from "../ui/files.ts";
import { icon } from "../ui/icons.ts";
import type { SourceKind } from "../ui/source.ts";
import { CLIP, MICROPHONE, MIRROR, SILENT, SOUND, START, STOP } from "./icons.ts";

export interface ControlEvents {
  start(): void;
  stop(): void;
  source(kind: SourceKind): void;
  device(id: string): void;
  clip(file: File): void;
  mirror(on: boolean): void;
  microphone(on: boolean): void;
  mute(muted: boolean): void;
}

/** Browsers of phones share no screen. */
const screens = (): boolean => !navigator.mediaDevices || "getDisplayMedia" in navigator.mediaDevices;

export class Controls {
  readonly root: HTMLElement;
  private readonly toggle = h("button", { type: "button", class: "primary", part: "start" });
  private readonly sources = segments(
    {
      key: "source",
      title: "Source",
      hint: "",
      reach: "all",
      kind: "choice",
      choices: screens() ? ["camera", "screen", "clip"] : ["camera", "clip"],
    },
    (kind) => this.events.source(kind as SourceKind),
  );
  private readonly devices = h("select", { "aria-label": "Camera" });
  private readonly open = chooser(CLIP, "Open a clip", (file) => this.events.clip(file), ["video/*"]);
  private readonly mirror = button(MIRROR, "Mirror the pictures", () => this.events.mirror(!pressed(this.mirror)));
  private readonly microphone = button(MICROPHONE, "Send the microphone's sound", () =>
    this.events.microphone(!pressed(this.microphone)),
  );
  private readonly sound = button(SOUND, "Sound", () => this.events.mute(pressed(this.sound)));
  private running = false;
  private kind: SourceKind = "camera";
  private pictures = false; // whether the model takes any

  constructor(private readonly events: ControlEvents) {
    this.toggle.addEventListener("click", () => (this.running ? events.stop() : events.start()));
    this.devices.addEventListener("change", () => events.device(this.devices.value));
    this.root = h(
      "div",
      { class: "controls", role: "group", "aria-label": "Camera and sound", part: "controls" },
      this.toggle,
      this.sources.root,
      h("label", { class: "device" }, this.devices),
      this.open,
      h("div", { class: "ways" }, this.mirror, this.microphone, this.sound),
    );
    this.shown(false);
    this.source("camera");
    this.offer(false, false, false);
    this.pick([], "");
  }

  /** Show whether anything is sent or asked for. */
  shown(running: boolean): void {
    this.running = running;
    this.toggle.replaceChildren(icon(running ? STOP : START), h("span", {}, running ? "Stop" : "Start"));
  }

  source(kind: SourceKind): void {
    this.kind = kind;
    this.sources.show(kind);
    this.showSource();
  }

  /** Offer what the model takes and gives: pictures, a voice, and sound. */
  offer(pictures: boolean, voice: boolean, sound: boolean): void {
    this.pictures = pictures;
    this.showSource();
    show(this.microphone, voice);
    show(this.sound, sound);
  }

  /** List the cameras, whose names a browser tells after it was allowed to use one. */
  async refresh(chosen: string): Promise<void> {
    this.pick(await cameras(), chosen);
  }

  mirrored(on: boolean): void {
    this.mirror.setAttribute("aria-pressed", String(on));
  }

  speaking(on: boolean): void {
    this.microphone.setAttribute("aria-pressed", String(on));
    if (!on) this.level(0);
  }

  level(level: number): void {
    this.microphone.style.setProperty("--level", `${Math.round(Math.min(1, level * 4) * 100)}%`);
  }

  muted(muted: boolean): void {
    this.sound.replaceChildren(icon(muted ? SILENT : SOUND));
    this.sound.setAttribute("aria-pressed", String(!muted));
  }

  private pick(found: { id: string; name: string }[], chosen: string): void {
    this.devices.replaceChildren(
      ...found.map(({ id, name }) => h("option", { value: id, selected: id === chosen }, name)),
    );
    this.showSource();
  }

  private showSource(): void {
    const { pictures, kind } = this;
    show(this.sources.root, pictures);
    show(this.mirror, pictures);
    show(this.open, pictures && kind === "clip");
    show(this.devices, pictures && kind === "camera" && this.devices.options.length > 1);
  }
}

function pressed(toggle: HTMLElement): boolean {
  return toggle.getAttribute("aria-pressed") === "true";
}
