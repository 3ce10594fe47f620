/** The result's side of the element: the session, the picture that comes of it, and what is told of both. */

import type { Opened } from "../client/protocol.ts";
import type { Frame, State } from "../client/session.ts";
import type { Stats } from "../client/stats.ts";
import { LivedraftError } from "../errors.ts";
import type { Diagnostics } from "../ui/diagnostics.ts";
import type { Connection } from "../ui/element.ts";
import { Notice } from "../ui/notice.ts";
import { Readout } from "../ui/readout.ts";
import type { Settings } from "../ui/settings.ts";
import type { Snapshot } from "./finals.ts";
import { Finals } from "./finals.ts";
import type { Entry } from "./history.ts";
import { History } from "./history.ts";
import { Live } from "./live.ts";
import type { Paper } from "./paper.ts";
import { reading } from "./reading.ts";
import { Result } from "./result.ts";

export interface ResultEvents {
  opened(message: Opened): void;
  framed(frame: Frame): void;
  changed(): void; // what can be done may be something else now
  refused(): void; // a param, which has its value of before again
  submitted(shot: Snapshot & { id: number; seed: number | null }): void;
  bringBack(entry: Entry): void;
  retry(): void; // to connect
  failed(error: LivedraftError): void;
  diagnosed(): void; // `diagnostics` are new
}

const NO_USE = "nothing_to_refine"; // told calmly: nothing went wrong
const MENDED = ["connect_failed", "server_busy", "session_closed", "connection_lost"];

export class LiveResult {
  readonly pane = new Result();
  readonly readout = new Readout();
  readonly live: Live;
  readonly history: History;
  readonly finals: Finals;
  readonly notice: Notice;
  connection: Connection | null = null;
  private position = 0;
  private stats: Stats | null = null;
  private picture: Diagnostics["picture"] = null;

  constructor(
    paper: Paper,
    settings: Settings,
    private readonly events: ResultEvents,
  ) {
    this.notice = new Notice(() => events.retry());
    this.live = new Live(paper, settings, {
      opened: (message) => this.opened(message),
      frame: (frame) => this.framed(frame),
      shown: (picture) => (this.picture = picture),
      state: (state, position) => this.stated(state, position),
      stats: (stats) => this.measured(stats),
      error: (error) => this.failed(error),
      refused: () => events.refused(),
    });
    this.history = new History(
      (entry) => events.bringBack(entry),
      () => void this.finals.keep(),
      () => void this.finals.save(),
    );
    const { live, pane: result, history } = this;
    this.finals = new Finals(
      { paper, live, settings, result, history },
      {
        changed: () => events.changed(),
        failed: (error) => this.failed(error),
        submitted: (shot) => events.submitted(shot),
      },
    );
  }

  /** What there is to tell of the session and of the picture on show. */
  get diagnostics(): Diagnostics {
    const { session } = this.live;
    const { frame } = this.pane;
    return {
      state: session?.state ?? "closed",
      position: this.position,
      sent: session?.lastId ?? 0,
      settled: frame !== null && this.live.answered(frame.id),
      stats: this.stats,
      picture: this.picture,
    };
  }

  connect(connection: Connection): void {
    this.notice.hide();
    this.connection = connection;
    this.live.start(connection);
  }

  /** Make the final picture as the user asks for it, or say why there is no use in it. */
  ask(submit: () => Promise<unknown>): void {
    const { refusal, running } = this.finals;
    if (running) return;
    if (refusal) this.notice.show(new LivedraftError({ code: NO_USE, message: refusal }), false, true);
    else void submit().catch(() => undefined); // the note has said why
  }

  failed(error: LivedraftError): void {
    this.notice.show(error, this.live.session?.state === "closed" || error.code === "connect_failed");
    this.events.failed(error);
  }

  /** Take away what was told of an older attempt: something newer is under way. */
  outdated(): void {
    if (this.live.drawn) this.notice.forget(this.finals.failure);
    else this.notice.answered(Infinity);
  }

  /** Show what can be done with the result as it stands. */
  refresh(): void {
    const { refusal, running } = this.finals;
    const picture = this.pane.frame !== null;
    if (!refusal) this.notice.hide([NO_USE]);
    this.history.allow(picture, picture && !running);
  }

  close(): void {
    this.finals.stop();
    this.live.stop();
    this.history.close();
  }

  private opened(message: Opened): void {
    this.notice.hide(MENDED);
    this.events.opened(message);
  }

  private framed(frame: Frame): void {
    this.pane.show(frame);
    this.notice.answered(frame.id);
    if (this.finals.running && frame.stage !== "draft") this.pane.progress(frame.step / frame.steps);
    if (frame.stage === "draft") this.finals.rested();
    this.events.framed(frame);
  }

  private stated(state: State, position: number): void {
    this.position = position;
    this.readout.state(state, position);
    this.events.changed();
    this.events.diagnosed();
  }

  private measured(stats: Stats): void {
    this.stats = stats;
    this.readout.read(reading(stats), performance.now());
    this.events.diagnosed();
  }
}
