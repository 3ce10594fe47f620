/** The result's side of the element: the picture that comes of the drawing, and what is told of it. */

import type { Frame } from "../client/session.ts";
import type { ShownPicture } from "../client/showing.ts";
import type { Stats } from "../client/stats.ts";
import { LivedraftError } from "../errors.ts";
import type { SessionPanel } from "../ui/session_panel.ts";
import type { Submitted } from "./finals.ts";
import { Finals } from "./finals.ts";
import type { Entry } from "./history.ts";
import { History } from "./history.ts";
import { Live } from "./live.ts";
import type { Paper } from "./paper.ts";
import { reading } from "./reading.ts";
import { Result } from "./result.ts";

export interface ResultEvents {
  framed(frame: Frame): void;
  changed(): void; // what can be done may be something else now
  submitted(shot: Submitted): void;
  bringBack(entry: Entry): void;
  diagnosed(): void; // `diagnostics` are new
}

/** What an element tells of its pictures. */
export interface PictureDiagnostics {
  sent: number; // the id of the newest message to the server
  masked: boolean; // whether a part of the picture alone is painted anew
  settled: boolean; // whether the picture on show is of all that was sent
  stats: Stats | null; // over the last pictures; null before the first
  picture: ShownPicture | null; // times of the newest drawn one
}

const NO_USE = "nothing_to_refine"; // told calmly: nothing went wrong

export class LiveResult {
  readonly pane = new Result();
  readonly live: Live;
  readonly history: History;
  readonly finals: Finals;
  private stats: Stats | null = null;
  private picture: ShownPicture | null = null;

  constructor(
    paper: Paper,
    private readonly panel: SessionPanel,
    private readonly events: ResultEvents,
  ) {
    this.live = new Live(paper, panel, {
      frame: (frame) => this.framed(frame),
      shown: (picture) => (this.picture = picture),
      stats: (stats) => this.measured(stats),
      progress: (progress) => this.finals.told(progress),
    });
    this.history = new History(
      (entry) => events.bringBack(entry),
      () => void this.finals.keep(),
      () => void this.finals.save(),
    );
    const { live, pane: result, history } = this;
    this.finals = new Finals(
      { paper, live, settings: panel.settings, result, history },
      {
        changed: () => events.changed(),
        failed: (error) => panel.failed(error),
        submitted: (shot) => events.submitted(shot),
      },
    );
  }

  get diagnostics(): PictureDiagnostics {
    const { frame } = this.pane;
    return {
      sent: this.live.session?.lastId ?? 0,
      masked: this.live.masked,
      settled: frame !== null && this.live.answered(frame.id),
      stats: this.stats,
      picture: this.picture,
    };
  }

  /** Make the final picture as the user asks for it, or say why there is no use in it. */
  ask(submit: () => Promise<unknown>): void {
    const { refusal, running } = this.finals;
    if (running) return;
    if (refusal) this.panel.notice.show(new LivedraftError({ code: NO_USE, message: refusal }), false, true);
    else void submit().catch(() => undefined); // the note has said why
  }

  /** Take away what was told of an older attempt: something newer is under way. */
  outdated(): void {
    const { notice } = this.panel;
    if (this.live.drawn) notice.forget(this.finals.failure);
    else notice.answered(Infinity);
  }

  /** Show what can be done with the result as it stands. */
  refresh(): void {
    const { refusal, running } = this.finals;
    const picture = this.pane.frame !== null;
    if (!refusal) this.panel.notice.hide([NO_USE]);
    this.history.allow(picture, (picture || this.pane.film !== null) && !running);
  }

  close(): void {
    this.finals.stop();
    this.pane.play(null); // frees its address
    this.history.close();
  }

  private framed(frame: Frame): void {
    this.pane.show(frame);
    this.panel.notice.answered(frame.id);
    if (this.finals.running && frame.stage !== "draft") this.pane.progress(frame.step / frame.steps);
    if (frame.stage === "draft") this.finals.rested();
    this.events.framed(frame);
  }

  private measured(stats: Stats): void {
    this.stats = stats;
    this.panel.readout.read(reading(stats), performance.now());
    this.events.diagnosed();
  }
}
