/** What leaves the element: snapshots with their recipe, films with sound, the window, the whole screen. */

import type { LivedraftError } from "../errors.ts";
import { LivedraftError as Failure } from "../errors.ts";
import { toBlob } from "../media/encode.ts";
import { writeRecipe } from "../media/recipe.ts";
import { download } from "../ui/files.ts";
import { Filming } from "../ui/filming.ts";
import type { Live } from "../ui/live.ts";
import { nameOf, recordable } from "../ui/recording.ts";
import type { SessionPanel } from "../ui/session_panel.ts";
import type { Source } from "../ui/source.ts";
import { Popout } from "./popout.ts";
import { Soundtrack } from "./soundtrack.ts";
import { Tools } from "./tools.ts";
import type { Look, View } from "./view.ts";

export class Taking {
  readonly tools: Tools;
  readonly filming: Filming;
  readonly popout: Popout;
  readonly soundtrack: Soundtrack;
  private beginning = false;

  constructor(
    private readonly panel: SessionPanel,
    private readonly view: View,
    source: Source,
    live: Live,
    worklet: () => string,
  ) {
    const failed = (error: LivedraftError): void => panel.failed(error, false);
    this.popout = new Popout(view.canvas, () => this.tools.pops(this.popout.open));
    this.soundtrack = new Soundtrack(
      source,
      () => live.sound !== null,
      () => live.stats?.roundTripMs ?? 0,
      worklet,
      failed,
    );
    this.filming = new Filming(view.canvas, live, "camera", () => panel.recipe, {
      changed: () => this.tools.records(this.filming.on),
      listen: () => undefined,
      saved: (name) => panel.readout.say(`Saved as ${name}`),
      failed,
    });
    this.tools = new Tools({
      look: (look) => this.look(look),
      snapshot: () => void this.save(),
      record: () => void this.record(),
      sound: (on) => this.sound(on),
      popout: () => this.pop(),
      expand: () => void this.expand(),
    });
    this.offer(true);
    this.painted(false);
  }

  /** What keys stand for. */
  get keys(): Record<string, () => void> {
    return {
      v: () => this.look(this.tools.after(this.view.looked)),
      s: () => void this.save(),
      r: () => void this.record(),
      w: () => this.pop(),
      f: () => void this.expand(),
    };
  }

  /** Offer what this browser does, and views of what is sent where pictures are. */
  offer(pictures: boolean): void {
    this.tools.offer(pictures, recordable(), document.fullscreenEnabled === true);
  }

  /** A picture is on show, or none. */
  painted(picture: boolean): void {
    this.tools.painted(picture);
    if (picture) this.popout.paint();
  }

  /** Show both pictures, or the result alone. */
  look(look: Look): void {
    this.view.look(look);
    this.tools.look(look);
  }

  /** Return the picture on show as a PNG with its recipe; null where there is none. */
  async snapshot(): Promise<File | null> {
    if (this.view.empty) return null;
    const { recipe } = this.panel;
    const png = await toBlob(this.view.canvas, "image/png");
    const marked = writeRecipe(new Uint8Array(await png.arrayBuffer()), recipe);
    return new File([marked], nameOf("camera", new Date(), "image/png"), { type: "image/png" });
  }

  /** Save the picture on show. */
  async save(): Promise<void> {
    const file = await this.snapshot();
    if (!file) return;
    download(file, file.name);
    this.panel.readout.say(`Saved as ${file.name}`);
  }

  /** Begin a film, or end and save it. */
  async record(): Promise<void> {
    if (this.filming.on) return this.filming.save();
    await this.begin();
  }

  /** Begin a film, with sound where there is any. */
  async begin(): Promise<void> {
    if (this.filming.on || this.beginning || this.view.empty) return;
    this.beginning = true;
    try {
      const tap = await this.soundtrack.open();
      this.filming.start(tap);
      if (!this.filming.on) tap?.close();
    } finally {
      this.beginning = false;
    }
  }

  sound(on: boolean): void {
    this.soundtrack.wanted = on;
    this.tools.sounds(on);
  }

  /** Open the window of the picture, or close it. */
  pop(): void {
    if (this.popout.open) return this.popout.close();
    try {
      this.popout.show();
    } catch (error) {
      this.panel.failed(error as LivedraftError, false);
    }
  }

  /** Fill the screen, or leave it. */
  async expand(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await this.fill();
    } catch (error) {
      const message = `the screen was not filled: ${String(error)}`;
      this.panel.failed(
        new Failure({ code: "fullscreen_denied", message, fix: "allow `fullscreen` where the page is framed" }),
        false,
      );
    }
  }

  /** Fill the screen: keys go on there, and afterwards where they were before. */
  private async fill(): Promise<void> {
    const { root } = this.view;
    const from = (root.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
    await root.requestFullscreen();
    root.tabIndex = -1;
    root.focus();
    const left = (): void => {
      if (document.fullscreenElement) return;
      root.removeEventListener("fullscreenchange", left);
      from?.focus();
    };
    root.addEventListener("fullscreenchange", left);
  }

  /** Nothing is shown any more: a film ends, and is saved; the window closes. */
  close(): void {
    void this.filming.save();
    this.popout.close();
  }
}
