/** The camera as a mirror: what it sees, what of it is worn, and the still that becomes the photo. */

import type { LivedraftError } from "../../errors.ts";
import type { Picture } from "../../media/decoder.ts";
import { h, show } from "../../ui/dom.ts";
import { icon } from "../../ui/icons.ts";
import type { SourceState } from "../../ui/source.ts";
import { Source } from "../../ui/source.ts";
import { fill } from "../../ui/words/tables.ts";
import { CAMERA, MIRROR } from "../icons.ts";
import { wipe } from "../photo.ts";
import type { Texts } from "../words/texts.ts";

const WANTED = { width: 1920, height: 1080, rate: 30 };
const COUNT_FROM = 3;
const SECOND_MS = 1000;

export interface MirrorEvents {
  state(state: SourceState): void;
  failed(error: LivedraftError): void;
  still(photo: ImageBitmap): void;
  stop(): void;
  said(text: string): void; // to a screen reader
}

export class Mirror {
  readonly root: HTMLElement;
  readonly source: Source;
  private readonly worn = h("canvas", { class: "reflection", role: "img", width: 0, height: 0 });
  private readonly count = h("output", { class: "count", "aria-hidden": "true" });
  private readonly shutter = h("button", { type: "button", class: "primary shutter" });
  private readonly flip = h("button", { type: "button", class: "quiet", "aria-pressed": "true" });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly texts: Texts,
    private readonly events: MirrorEvents,
  ) {
    this.source = new Source({
      state: (state) => this.sourced(state),
      failed: (error) => events.failed(error),
    });
    const { video } = this.source;
    for (const each of [video, this.worn]) texts.name(each, ({ camera }) => camera.live);
    this.shutter.append(
      icon(CAMERA),
      texts.span(({ camera }) => camera.still),
    );
    this.shutter.addEventListener("click", () => this.countDown());
    this.flip.append(
      icon(MIRROR),
      texts.span(({ camera }) => camera.mirror),
    );
    this.flip.addEventListener("click", () => this.mirror(this.flip.getAttribute("aria-pressed") !== "true"));
    const stop = h("button", { type: "button", class: "quiet", onclick: () => events.stop() }, icon("close"));
    stop.append(texts.span(({ camera }) => camera.stop));
    const asking = h(
      "p",
      { class: "asking" },
      texts.span(({ camera }) => camera.asking),
    );
    this.root = h(
      "div",
      { class: "mirror" },
      h("div", { class: "glass" }, video, this.worn),
      this.count,
      asking,
      h("div", { class: "shoot" }, this.flip, this.shutter, stop),
    );
    this.mirror(true);
    this.root.dataset["state"] = "idle";
    this.shutter.disabled = true;
    this.calm();
    show(this.worn, false);
  }

  /** Whether the camera is asked for, or on. */
  get on(): boolean {
    return this.source.state === "asking" || this.source.state === "live";
  }

  /** The shape of what the camera gives, width by height. */
  get aspect(): number {
    const { videoWidth, videoHeight } = this.source.video;
    return videoWidth && videoHeight ? videoWidth / videoHeight : 1;
  }

  start(): void {
    void this.source.start(WANTED);
  }

  stop(): void {
    this.calm();
    this.source.stop();
    wipe(this.worn);
    show(this.worn, false);
  }

  /** Show the pictures as a mirror does, or as others see them. */
  mirror(on: boolean): void {
    this.flip.setAttribute("aria-pressed", String(on));
    this.root.toggleAttribute("data-mirror", on);
  }

  /** Show what the model made of the newest picture. */
  paint(picture: Picture): void {
    const [width, height] =
      "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
    if (this.worn.width !== width || this.worn.height !== height) Object.assign(this.worn, { width, height });
    this.worn.getContext("2d")!.drawImage(picture, 0, 0, width, height);
    show(this.worn, true);
  }

  /** Take the photo after a moment, so that there is time to step back; again: not yet. */
  countDown(seconds = COUNT_FROM): void {
    if (this.timer !== undefined && seconds === COUNT_FROM) return this.calm();
    if (seconds === 0) return void this.shoot();
    this.count.textContent = fill(this.texts.words.camera.counting, { seconds });
    show(this.count, true);
    this.events.said(this.count.textContent);
    this.timer = setTimeout(() => this.countDown(seconds - 1), SECOND_MS);
  }

  private async shoot(): Promise<void> {
    this.calm();
    if (this.source.state === "live") this.events.still(await createImageBitmap(this.source.video));
  }

  private calm(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    show(this.count, false);
  }

  private sourced(state: SourceState): void {
    this.root.dataset["state"] = state;
    this.shutter.disabled = state !== "live";
    if (state !== "live") this.calm();
    this.events.state(state);
  }
}
