/** The inside of `<livedraft-camera>`: source, session, panes and controls, and how they act on each other. */

import type { MediaMessage, Opened, Params } from "../client/protocol.ts";
import type { State } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import { h, show } from "../ui/dom.ts";
import type { Connection } from "../ui/element.ts";
import { ModelMenu } from "../ui/models.ts";
import { Notice } from "../ui/notice.ts";
import { ParamPanel } from "../ui/params.ts";
import { Readout } from "../ui/readout.ts";
import { fields } from "../ui/schema.ts";
import { Controls } from "./controls.ts";
import type { CameraDiagnostics, Host } from "./host.ts";
import { Live, plays } from "./live.ts";
import { reading } from "./reading.ts";
import type { SourceKind, SourceState } from "./source.ts";
import { Source } from "./source.ts";
import { View } from "./view.ts";
import { HINTS, NO_CLIP, WORDS } from "./words.ts";

const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"];
const WANTED = { width: 1280, height: 720, rate: 30 };
export class CameraStudio {
  readonly root: HTMLElement;
  readonly params: ParamPanel;
  readonly source: Source;
  readonly live: Live;
  private readonly view: View;
  private readonly controls: Controls;
  private readonly notice: Notice;
  private readonly readout = new Readout({ idle: "Paused, goes on as soon as you start", open: "Ready" });
  private readonly models: ModelMenu;
  private readonly settings: HTMLElement;
  private connection: Connection | null = null;
  private state: State = "connecting";
  private position = 0;
  private running = false; // the user pressed Start, and not Stop since
  private mirror: boolean | null = null; // null: as the source is looked at
  private microphone = true; // to be sent, where the model takes it

  constructor(private readonly host: Host) {
    this.source = new Source({
      state: (state) => this.sourced(state),
      failed: (error) => this.failed(error, true),
    });
    this.live = new Live(this.source.video, () => host.worklet(), {
      opened: (message) => this.opened(message),
      picture: (picture, message) => {
        this.view.paint(picture);
        const { id, timings } = message;
        host.emit("frame", { id, timings, pts: (message as MediaMessage).pts });
      },
      state: (state, position) => this.stated(state, position),
      stats: () => this.measured(),
      level: (level) => this.controls.level(level),
      silenced: () =>
        this.notice.offer("The browser plays sound after you allow it.", "Play sound", () => this.live.listen()),
      microphoneFailed: (error) => {
        this.speak(false);
        this.failed(error, true);
      },
      refused: (refused, wanted) => {
        this.params.settings.refuse(refused, wanted);
        this.params.show();
      },
      error: (error) => this.failed(error, this.live.session?.state === "closed" || error.code === "connect_failed"),
    });
    this.view = new View(this.source.video, (file) => this.open(file));
    this.notice = new Notice(() => (this.state === "closed" ? host.retry() : this.start()));
    this.params = new ParamPanel({
      input: () => host.emit("input", { params: this.params.settings.all }),
      changed: (params) => this.live.set(this.params.settings.fit(params)),
      noted: () => undefined,
      result: () => null,
      failed: (error) => this.failed(error as LivedraftError, false),
    });
    this.controls = new Controls({
      start: () => this.start(),
      stop: () => this.stop(),
      source: (kind) => this.choose(kind),
      device: (id) => this.device(id),
      clip: (file) => this.open(file),
      mirror: (on) => this.mirrored(on),
      microphone: (on) => this.speak(on),
      mute: (muted) => this.mute(muted),
    });
    this.models = new ModelMenu(plays, (model) => host.pick(model));
    const { panel } = this.params;
    this.settings = h("div", { class: "params" }, panel.ask, panel.notes.root, panel.tune, panel.more);
    this.root = h(
      "div",
      { class: "studio camera", part: "studio" },
      this.view.root,
      this.controls.root,
      this.notice.root,
      this.models.root,
      this.settings,
      this.readout.root,
    );
    show(this.settings, false);
    this.mute(false);
    this.speak(true);
    this.mirrored(null);
    this.show();
  }

  get diagnostics(): CameraDiagnostics {
    return { state: this.state, position: this.position, source: this.source.state, stats: this.live.stats };
  }

  connect(connection: Connection): void {
    this.notice.hide();
    this.view.clear();
    this.connection = connection;
    this.live.start(connection, this.params.settings.toSend);
  }

  close(): void {
    this.running = false;
    this.source.stop();
    this.live.stop();
  }

  /** Ask for the source and send it; the browser may ask the user first. */
  start(): void {
    this.running = true;
    this.notice.hide();
    this.live.listen(); // within the user's press, as browsers want it
    this.session()?.retry();
    if (this.takesPictures && (this.source.kind !== "clip" || this.source.hasClip)) void this.source.start(WANTED);
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
    this.session()?.cancel(); // what has no end by itself
    this.source.stop();
    this.readout.clear();
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

  /** Show params that came from the page. */
  refreshParams(): void {
    this.params.show();
    this.live.set(this.params.settings.toSend);
  }

  setParams(params: Params): void {
    this.params.choose(params);
  }

  private device(id: string): void {
    this.source.deviceId = id;
    if (this.running) this.start();
  }

  private session(): Live["session"] {
    return this.live.session;
  }

  private get takesPictures(): boolean {
    return this.live.input !== null || !this.session()?.model;
  }

  private get mirrors(): boolean {
    return this.mirror ?? this.source.kind === "camera";
  }

  private opened(message: Opened): void {
    this.params.settings.opened(message.model.params_schema, message.params, message.resumed);
    this.params.build(message.model);
    show(this.settings, fields(message.model.params_schema).length > 0);
    this.controls.offer(this.live.input !== null, this.live.voice !== null, this.live.sound !== null);
    this.view.takes(this.live.input !== null);
    if (!this.host.choosesModel()) this.models.hide();
    else if (this.connection) void this.models.offer(this.connection, message.model);
    this.notice.hide(MENDED);
    if (this.running) {
      this.live.listen();
      if (this.source.state === "live") this.live.film();
      this.flow();
    }
    this.show();
    this.host.emit("ready", { model: message.model, params: this.params.settings.all, resumed: message.resumed });
  }

  /** Let go what needs no picture: the microphone, and a model that plays by itself. */
  private flow(): void {
    if (this.microphone) void this.live.speak();
    if (!this.takesPictures) this.live.set(this.params.settings.fit(this.params.settings.all));
  }

  private sourced(state: SourceState): void {
    if (state === "live") {
      this.live.film();
      void this.controls.refresh(this.source.deviceId);
    } else this.live.close();
    if (state === "failed") {
      this.running = false;
      this.live.quiet();
    }
    this.show();
    this.diagnosed();
  }

  private stated(state: State, position: number): void {
    this.state = state;
    this.position = position;
    if (state === "closed") this.notice.offerRetry();
    this.show();
    this.diagnosed();
  }

  private measured(): void {
    const { stats } = this.live;
    if (stats && this.running) this.readout.read(reading(stats), performance.now());
    this.diagnosed();
  }

  private failed(error: LivedraftError, canRetry: boolean): void {
    this.notice.show(error, canRetry);
    this.host.failed(error);
  }

  private show(): void {
    const { source } = this;
    const flowing = this.running && (source.state === "live" || !this.takesPictures);
    const words = flowing ? "Live" : this.takesPictures ? (WORDS[source.state] ?? "") : "";
    this.readout.state(this.state, this.position, this.state === "open" || this.state === "generating" ? words : "");
    this.root.dataset["state"] = this.state;
    this.root.dataset["source"] = source.state;
    this.controls.shown(this.running);
    this.controls.source(source.kind);
    this.view.filming(source.state === "live");
    const clip = source.kind === "clip" && !source.hasClip ? NO_CLIP : "";
    this.view.hint(clip || HINTS[source.state]);
  }

  private diagnosed(): void {
    this.host.emit("diagnostics", this.diagnostics);
  }
}
