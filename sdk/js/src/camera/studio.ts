/** The inside of `<livedraft-camera>`: source, session, panes and controls, and how they act on each other. */

import type { MediaMessage } from "../client/protocol.ts";
import type { State } from "../client/session.ts";
import { onChange } from "../media/devices.ts";
import type { Connection } from "../ui/connection.ts";
import { h } from "../ui/dom.ts";
import { Live, plays } from "../ui/live.ts";
import { SessionPanel } from "../ui/session_panel.ts";
import type { SourceKind, SourceState } from "../ui/source.ts";
import { Source } from "../ui/source.ts";
import { Controls } from "./controls.ts";
import type { CameraDiagnostics, CameraHost } from "./host.ts";
import { press } from "./keys.ts";
import { reading } from "./reading.ts";
import { Styling } from "./styling.ts";
import { Taking } from "./taking.ts";
import { View } from "./view.ts";
import { HINTS, NO_CLIP, SILENCED, WORDS } from "./words.ts";

const WANTED = { width: 1280, height: 720, rate: 30 };

export class CameraStudio {
  readonly root: HTMLElement;
  readonly panel: SessionPanel;
  readonly source: Source;
  readonly live: Live;
  readonly taking: Taking;
  private readonly view: View;
  private readonly controls: Controls;
  private readonly styling: Styling;
  private running = false; // the user pressed Start, and not Stop since
  private mirror: boolean | null = null; // null: as the source is looked at
  private microphone = true; // to be sent, where the model takes it
  private unheard = false; // the newest failure is the microphone's
  private stopHearing: (() => void) | null = null; // of devices that come and go

  constructor(private readonly host: CameraHost) {
    this.source = new Source({
      state: (state) => this.sourced(state),
      failed: (error) => this.panel.failed(error, error.retryable),
    });
    this.panel = new SessionPanel(host, {
      fits: plays,
      opened: () => {
        this.live.opened();
        this.adopt();
      },
      switched: (message) => {
        this.live.switched(message);
        this.adopt();
        if (!this.running) this.live.session?.cancel(); // a model that plays by itself has begun
      },
      stated: () => this.show(),
      concerns: (error) => !this.live.mends(error),
      words: (state) => this.words(state),
      retry: () => this.retry(),
      params: {
        changed: (params) => {
          this.panel.session?.set(this.panel.settings.fit(params));
          this.styling.strip.show(this.panel.settings.all);
        },
      },
      labels: { idle: "Paused, goes on as soon as you start", open: "Ready" },
    });
    this.live = new Live(this.panel, this.source.video, () => host.worklet(), {
      picture: (picture, message) => {
        this.view.paint(picture);
        this.taking.painted(true);
        this.styling.live();
        const { id, timings } = message;
        host.emit("frame", { id, timings, pts: (message as MediaMessage).pts });
      },
      stats: () => this.measured(),
      level: (level) => this.controls.level(level),
      silenced: () => {
        if (this.running) this.panel.notice.offer(SILENCED, "Play sound", () => void this.live.listen());
      },
      microphoneFailed: (error) => {
        this.speak(false);
        this.unheard = true;
        this.panel.failed(error, error.retryable);
      },
      error: (error) => this.panel.failed(error),
    });
    this.view = new View(this.source.video, (file) => this.open(file));
    this.styling = new Styling(this.source.video, (params) => this.panel.params.change(params));
    this.taking = new Taking(this.panel, this.view, this.source, this.live, () => host.worklet());
    this.controls = new Controls({
      start: () => this.start(),
      stop: () => this.stop(),
      source: (kind) => this.choose(kind),
      device: (id) => {
        this.source.deviceId = id;
        if (this.running) this.start();
      },
      clip: (file) => this.open(file),
      mirror: (on) => this.mirrored(on),
      microphone: (on) => this.speak(on),
      mute: (muted) => this.mute(muted),
    });
    this.root = h(
      "div",
      { class: "studio camera", part: "studio" },
      this.view.root,
      this.controls.root,
      this.styling.strip.root,
      this.taking.tools.root,
      this.panel.notice.root,
      this.panel.models.root,
      this.panel.params.block(),
      this.panel.readout.root,
    );
    this.root.addEventListener("keydown", (event) =>
      press(event, { ...this.taking.keys, m: () => this.mirrored(!this.mirrors) }),
    );
    this.mute(false);
    this.speak(true);
    this.mirrored(null);
    this.show();
  }

  get diagnostics(): CameraDiagnostics {
    return { ...this.panel.diagnostics, source: this.source.state, stats: this.live.stats };
  }

  connect(connection: Connection): void {
    this.styling.connection = connection;
    this.view.clear();
    this.taking.painted(false);
    this.stopHearing ??= onChange(() => this.listed());
    this.live.start(connection);
  }

  close(): void {
    this.running = false;
    this.styling.stop();
    this.taking.close();
    this.source.stop();
    this.live.stop();
    this.stopHearing?.();
    this.stopHearing = null;
  }

  /** Ask for the source and send it; the browser may ask the user first. */
  start(): void {
    this.running = true;
    this.panel.notice.hide();
    this.unheard = false;
    void this.live.listen(); // within the user's press, as browsers want it
    this.live.session?.retry();
    this.film();
    this.flow();
    this.show();
    this.host.emit("start", { source: this.source.kind });
  }

  /** Send nothing more; what was shown last stays. */
  stop(): void {
    if (!this.running) return;
    this.running = false;
    this.live.close();
    this.live.quiet();
    this.live.session?.cancel(); // what has no end by itself
    this.source.stop();
    this.panel.readout.clear();
    this.show();
    this.host.emit("stop", {});
  }

  /** Take another kind of source; what runs goes on with it. */
  choose(kind: SourceKind): void {
    this.source.kind = kind;
    this.view.mirror(this.mirrors);
    this.controls.mirrored(this.mirrors);
    if (kind === "clip" && !this.source.hasClip) {
      this.live.close();
      this.source.stop();
    } else if (this.running) this.start();
    this.show();
  }

  /** Take a clip of the user's as the source, and start. */
  open(file: Blob): void {
    this.source.take(file);
    this.choose("clip");
    if (!this.running) this.start();
  }

  /** Mirror the pictures or not; null: as a mirror shows a face, and a screen is read. */
  mirrored(on: boolean | null): void {
    this.mirror = on;
    this.view.mirror(this.mirrors);
    this.controls.mirrored(this.mirrors);
  }

  speak(on: boolean): void {
    this.microphone = on;
    this.controls.speaking(on);
    if (!on) this.live.quiet();
    else if (this.running) void this.live.speak();
  }

  mute(muted: boolean): void {
    this.live.mute(muted);
    this.controls.muted(muted);
  }

  /** Try again what failed: to connect, the microphone alone, or all. */
  private retry(): void {
    if (this.panel.session?.state === "closed") return this.host.retry();
    if (!this.unheard || !this.running) return this.start();
    this.unheard = false;
    this.panel.notice.hide();
    this.speak(true);
  }

  private get takesPictures(): boolean {
    return this.live.input !== null || !this.live.session?.model;
  }

  private get mirrors(): boolean {
    return this.mirror ?? this.source.kind === "camera";
  }

  /** Take the model that the session has now. */
  private adopt(): void {
    const { live, panel, styling } = this;
    styling.adopt(panel.session?.model ?? null);
    panel.own = { apart: styling.params };
    panel.build(panel.session?.model ?? undefined);
    styling.strip.show(panel.settings.all);
    this.taking.offer(live.input !== null);
    this.controls.offer(live.input !== null, live.voice !== null, live.sound !== null);
    this.view.takes(live.input !== null);
    if (live.input === null) this.source.stop(); // nobody looks: the camera's light goes out
    if (this.running) {
      void live.listen();
      if (this.source.state === "live") live.film();
      else if (this.source.state !== "asking") this.film();
      this.flow();
    }
    this.show();
  }

  /** Ask for the source, where the model takes pictures. */
  private film(): void {
    if (this.takesPictures && (this.source.kind !== "clip" || this.source.hasClip)) void this.source.start(WANTED);
  }

  /** Let go what needs no picture: the microphone, and a model that plays by itself. */
  private flow(): void {
    if (this.microphone) void this.live.speak();
    if (!this.takesPictures) this.live.set(this.panel.settings.fit(this.panel.settings.all));
  }

  private sourced(state: SourceState): void {
    if (state === "live") {
      this.live.film();
      this.listed();
    } else {
      this.live.close();
      this.styling.stop();
    }
    if (state === "failed") {
      this.running = false;
      this.live.quiet();
    }
    this.show();
    this.host.diagnosed();
  }

  private listed(): void {
    if (this.source.usedId) void this.controls.refresh(this.source.usedId);
  }

  private measured(): void {
    const { stats } = this.live;
    if (stats && this.running) this.panel.readout.read(reading(stats), performance.now());
    this.host.diagnosed();
  }

  private show(): void {
    const { source } = this;
    this.panel.showState();
    this.root.dataset["source"] = source.state;
    this.controls.shown(this.running);
    this.controls.source(source.kind);
    this.view.filming(source.state === "live");
    const clip = source.kind === "clip" && !source.hasClip ? NO_CLIP : "";
    this.view.hint(clip || HINTS[source.state]);
  }

  /** Return what the line at the foot says: while the connection stands, of the source. */
  private words(state: State): string {
    if (state !== "open" && state !== "generating") return "";
    if (this.running && (this.source.state === "live" || !this.takesPictures)) return "Live";
    return this.takesPictures ? (WORDS[this.source.state] ?? "") : "";
  }
}
