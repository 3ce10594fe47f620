/** What every element shows of its session beside its pictures: params, models, notices, and the line at the foot. */

import type { ConnectOptions } from "../client/client.ts";
import { connect } from "../client/client.ts";
import type { Loading, ModelInfo, Opened, Params, Switched } from "../client/protocol.ts";
import type { LiveSession, State } from "../client/session.ts";
import { LivedraftError } from "../errors.ts";
import { unreadable } from "../media/pictures.ts";
import type { Recipe } from "../media/recipe.ts";
import { markOf } from "../media/recipe.ts";
import type { Connection } from "./connection.ts";
import type { SessionDiagnostics } from "./diagnostics.ts";
import type { Host } from "./host.ts";
import type { Finishing } from "./models.ts";
import { ModelMenu } from "./models.ts";
import type { NoticeWords } from "./notice.ts";
import { Notice } from "./notice.ts";
import type { OwnControls } from "./panel.ts";
import type { ParamEvents } from "./params.ts";
import { ParamPanel } from "./params.ts";
import { Readout } from "./readout.ts";

declare const __VERSION__: string; // of the package, set by the build

/** What an element does in its own way; all else is done for it. */
export interface Ways {
  /** Whether the element can use a model, for the menu of models. */
  fits(model: ModelInfo): boolean;
  /** A session opened, and the params are its model's; `ready` is told afterwards. */
  opened?(message: Opened): void;
  /** Return the pictures of now as another model reads them, encoded, to go along with a change to it. */
  pictures?(model: ModelInfo): Promise<Record<string, Uint8Array>>;
  /**
   * The session goes on with another model, and the params are its; `ready` is told afterwards. Otherwise
   * the server hears at once of those that it did not take over.
   */
  switched?(message: Switched): void;
  /** The connection is in another state. */
  stated?(state: State): void;
  /** Return what the line at the foot says instead of the state's usual words; empty for those. */
  words?(state: State, position: number): string;
  /** Return what notices say in the element's own words; otherwise they are in English. */
  noticeWords?(): NoticeWords;
  /** An attribute changed a param; otherwise the server hears of it at once. */
  attributed?(): void;
  /** The user pressed "Try again"; otherwise it connects anew. */
  retry?(): void;
  /** Whether an error is still about anything that the user sees. */
  concerns?(error: LivedraftError): boolean;
  /** Which models finish pictures, where the user may choose one. */
  finishing?: Finishing;
  /** What happens with the params. */
  params?: Partial<ParamEvents>;
  /** Words for states of the connection. */
  labels?: Partial<Record<State, string>>;
}

const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"]; // by a session that opens

export class SessionPanel {
  readonly params: ParamPanel;
  readonly models: ModelMenu;
  readonly notice: Notice;
  readonly readout: Readout;
  /** Controls of the element's own among the params. */
  own: OwnControls = {};
  session: LiveSession | null = null;
  private connection: Connection | null = null;
  private position = 0;
  private fallback = ""; // why the session does not go by WebRTC
  private model = ""; // whose params are shown
  private picks = 0; // in the menu, so that what comes of an earlier one is told apart

  constructor(
    private readonly host: Host,
    private readonly ways: Ways,
  ) {
    this.notice = new Notice(() => (ways.retry ? ways.retry() : host.retry()), ways.noticeWords);
    this.readout = new Readout(ways.labels);
    this.models = new ModelMenu(ways.fits, (model) => void this.pick(model), ways.finishing);
    this.params = new ParamPanel({
      input: () => host.emit("input", { params: this.settings.all }),
      changed: (params) => this.session?.set(this.settings.fit(params)),
      noted: () => undefined,
      result: () => null,
      failed: (error) => this.failed(unreadable(error)),
      ...ways.params,
    });
  }

  get settings(): ParamPanel["settings"] {
    return this.params.settings;
  }

  /** What what is shown now was made of, for files of it. */
  get recipe(): Recipe {
    const model = this.session?.model;
    const mark = markOf(model?.digital_source_type);
    return { livedraft: __VERSION__, model: model?.id ?? "", params: this.settings.all, ...mark };
  }

  get diagnostics(): SessionDiagnostics {
    const { session, position, fallback } = this;
    const { state = "closed", transport = "websocket", model } = session ?? {};
    return { state, position, transport, fallback, model: model?.id ?? "" };
  }

  /** Open a session, in place of any before. */
  connect(connection: Connection, options: ConnectOptions = { params: this.settings.toSend }): LiveSession {
    this.close();
    this.fallback = "";
    this.notice.hide();
    this.connection = connection;
    const session = connect({
      loras: true,
      models: true,
      loading: true,
      arrivals: true,
      films: true,
      ...connection,
      ...options,
    });
    this.session = session;
    session.on("opened", (message) => this.opened(message));
    session.on("switched", (message) => this.switched(message));
    session.on("loading", (message) => this.loading(session, message));
    session.on("queued", (position) => this.stated("queued", position));
    session.on("transport", ({ why }) => {
      this.fallback = why;
      this.host.diagnosed();
    });
    session.on("state", (state) => this.stated(state, 0));
    session.on("refused", ({ refused, params: wanted }) => {
      this.settings.refuse(refused, wanted);
      this.params.choose({}); // what is in force again is shown
    });
    session.on("loras", ({ loras }) => this.relearned(loras.map(({ name }) => name)));
    session.on("error", (error) => {
      if (this.ways.concerns?.(error) ?? true) this.failed(error);
    });
    return session;
  }

  close(): void {
    this.session?.close();
    this.session = null;
  }

  /** The page changed an attribute that is a param; null takes the page's wish away. */
  attribute(param: string, value: unknown): void {
    this.settings.attribute(param, value);
    this.attributed();
  }

  /** The page changed the attribute `params`. */
  declare(params: Params): void {
    this.settings.declare(params);
    this.attributed();
  }

  private attributed(): void {
    if (this.ways.attributed) return this.ways.attributed();
    this.params.show();
    this.session?.set(this.settings.toSend);
  }

  /** Draw the fields of a model's params, with the element's own controls. */
  build(model?: ModelInfo): void {
    this.params.build(model, this.own);
  }

  /** Show the connection's state at the foot. */
  showState(): void {
    const { state } = this.diagnostics;
    this.readout.state(state, this.position, this.ways.words?.(state, this.position) ?? "");
  }

  /** Tell an error, to the user and to the page. */
  failed(error: LivedraftError, canRetry = this.session?.state === "closed" || error.code === "connect_failed"): void {
    this.notice.show(error, canRetry);
    this.host.failed(error);
  }

  private opened(message: Opened): void {
    const { model, params, resumed } = message;
    const missed = resumed && this.model !== model.id; // a change whose answer was lost
    if (missed) this.settings.switched(model, params);
    else this.settings.opened(model.params_schema, params, resumed);
    this.model = model.id;
    if (resumed) this.settings.keepLoras((model.loras ?? []).map(({ name }) => name));
    this.build(model);
    this.notice.hide(MENDED);
    if (!this.host.choosesModel()) this.models.hide();
    else if (this.connection) void this.models.offer(this.connection, model, this.session?.refineModel);
    this.ways.opened?.(message);
    this.host.emit("ready", { model, params: this.settings.all, resumed });
  }

  /** Go on with another model: in the same session, or in another one where the server cannot. */
  private async pick(model: ModelInfo): Promise<void> {
    const { session } = this;
    const pick = ++this.picks;
    if (!session?.switches || session.state === "closed") return this.connectWith(model);
    try {
      const pictures = await this.ways.pictures?.(model);
      if (pick !== this.picks) return;
      await session.switch(model.id, {}, pictures);
      this.host.picked(model.id);
    } catch (error) {
      if (pick !== this.picks || session !== this.session) return; // something else was asked for since
      const { code, id } = error as LivedraftError;
      if (code === "version_mismatch") return this.connectWith(model);
      this.models.show(session.model?.id ?? "");
      if (id === null && code !== "session_closed") this.failed(error as LivedraftError); // others are told
    }
  }

  /** What the session itself waits for is told at the foot; models that are still to come, in the menu. */
  private loading(session: LiveSession, message: Loading): void {
    const comesBack = (message.served ?? true) && message.state !== "ready"; // an older server tells of those alone
    if (session.model === null || comesBack) return this.readout.loading(message);
    if (message.state === "failed") this.failed(notServed(message));
    void this.models.told(message).then(() => {
      if (session === this.session) this.ways.stated?.(session.state);
    });
  }

  private connectWith(model: ModelInfo): void {
    this.host.picked(model.id);
    this.host.retry();
  }

  private switched(message: Switched): void {
    const { model, params } = message;
    this.settings.switched(model, params);
    this.model = model.id;
    this.build(model);
    this.models.show(model.id);
    this.notice.hide(MENDED);
    if (this.ways.switched) this.ways.switched(message);
    else this.session?.set(this.settings.missing(params));
    this.host.emit("ready", { model, params: this.settings.all, resumed: false });
    this.host.diagnosed();
  }

  /** LoRAs came or went: the panel shows what there is, and nothing that is gone is wanted. */
  private relearned(names: string[]): void {
    this.settings.keepLoras(names);
    this.build(this.session?.model ?? undefined);
  }

  private stated(state: State, position: number): void {
    this.position = position;
    if (state === "closed") this.notice.offerRetry(); // nothing goes on by itself any more
    this.showState();
    this.ways.stated?.(state);
    this.host.diagnosed();
  }
}

function notServed({ message }: Loading): LivedraftError {
  return new LivedraftError({ code: "model_not_found", message, fix: "choose another model" });
}
