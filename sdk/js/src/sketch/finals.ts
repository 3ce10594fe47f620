/** Final pictures: asked for, waited for, kept, handed over, and saved as large as the model can. */

import type { Params, Progress } from "../client/protocol.ts";
import type { Final } from "../client/session.ts";
import { LivedraftError } from "../errors.ts";
import { bytesOf } from "../media/datauri.ts";
import { toBlob } from "../media/encode.ts";
import { invalid } from "../media/pictures.ts";
import { download } from "../ui/files.ts";
import type { Settings } from "../ui/settings.ts";
import type { History } from "./history.ts";
import type { Live } from "./live.ts";
import type { Paper } from "./paper.ts";
import type { Result } from "./result.ts";
import type { StrokeJson } from "./strokes.ts";
import { toJson } from "./strokes.ts";

/** A picture, the drawing under it, and the params of both. */
export interface Snapshot {
  image: Blob | null; // PNG with its recipe
  sketch: Blob; // PNG
  mask: Blob | null; // PNG, white where the sketch is painted anew; null where nothing is masked
  params: Params;
  model: string; // that made the picture; empty where there is none
  film?: File; // an MP4 in place of the picture, where the model made one
}

/** The final picture, as it is handed over; without one only where a film has none before it. */
export interface Submitted extends Snapshot {
  id: number;
  seed: number | null;
}

interface Parts {
  paper: Paper;
  live: Live;
  settings: Settings;
  result: Result;
  history: History;
}

interface FinalEvents {
  changed(): void; // one began or ended
  submitted(shot: Submitted): void;
  failed(error: LivedraftError): void;
}

const REST_MS = 700; // without ink or changes before a refine by itself

export class Finals {
  /** Whether one is being made. */
  running = false;
  /** Whether one is made by itself when the pen rests. */
  atRest = false;
  /** Why the newest one failed; null if it did not. */
  failure: unknown = null;
  private label = "";
  private turn = 0;
  private cancelled = 0; // the turn that the user called off
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly parts: Parts,
    private readonly events: FinalEvents,
  ) {}

  async snapshot(): Promise<Snapshot> {
    const { live, paper, result } = this.parts;
    const drawn = toBlob(paper.canvas);
    const masked = live.masked ? toBlob(paper.mask.sized(paper.canvas)) : null;
    const [sketch, mask] = await Promise.all([drawn, masked]);
    return { image: await result.png({ sketch, mask }, this.strokes), sketch, mask, ...this.about };
  }

  /** Return the same before this returns, for a form that is being sent. */
  snapshotNow(): Snapshot {
    const { live, paper, result } = this.parts;
    const sketch = paper.canvas.toDataURL();
    const mask = live.masked ? paper.mask.sized(paper.canvas).toDataURL() : null;
    const image = result.pngNow(mask ? { sketch, mask } : { sketch }, this.strokes);
    return { image, sketch: file(sketch), mask: mask === null ? null : file(mask), ...this.about };
  }

  /** Why there is no use in a refine now; empty where there is. */
  get refusal(): string {
    const { live, settings } = this.parts;
    if (!live.refinable) return live.session?.model ? "Draw something first" : "There is no connection yet";
    if (live.waits) return `${live.waits}: refine once it is there, or finish with another model`;
    const done = this.current && this.shows(Number(settings.all["size"] ?? 0));
    return done ? "Nothing has changed since the last refine" : "";
  }

  /** Whether the picture on show is of everything as it stands. */
  get current(): boolean {
    const { live, paper, result } = this.parts;
    return result.frame !== null && live.answered(result.frame.id) && !paper.drawingNow;
  }

  /** Make the final picture, keep it and hand it over. */
  async submit(): Promise<Snapshot> {
    if (!this.parts.live.refinable) throw invalid("there is nothing to refine yet", "draw something first");
    const final = await this.refine();
    const film = "file" in final ? { film: final.file, params: final.params, model: final.model } : null;
    const shot = { ...(await this.snapshot()), ...film };
    // Cleared, while the file was written.
    if (!film && !shot.image)
      throw new LivedraftError({ code: "superseded", message: "something newer came", retryable: true });
    if (!film) await this.keep(shot);
    this.events.submitted({ ...shot, id: final.id, seed: final.seed });
    return shot;
  }

  /** Keep what is shown in the strip. */
  async keep(shot?: Snapshot): Promise<void> {
    const { history, paper } = this.parts;
    const { image, params, model } = shot ?? (await this.snapshot());
    if (!image) return;
    history.add({ image, params, model, operations: [...paper.drawing.operations], base: await paper.keepBase() });
  }

  /** Save the picture as a file: as large as the model makes it, or as it is shown. */
  async save(): Promise<void> {
    const { live, result, settings } = this.parts;
    if (result.film) return download(result.film.file, result.film.file.name);
    const size = Math.max(0, ...settings.choices("size").filter((each) => typeof each === "number"));
    try {
      if (size && live.refinable && !this.shows(size)) await this.refine({ size }, `Painting ${size} px`);
    } catch (error) {
      return this.unsaved(error);
    }
    const { image } = await this.snapshot();
    const name = String(settings.all["prompt"] || "drawing")
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .slice(0, 60);
    if (image) download(image, `${name || "drawing"}.png`);
  }

  /** After a while without anything new, make one by itself where the user wants that. */
  rested(): void {
    const { live, paper, result } = this.parts;
    clearTimeout(this.timer);
    if (!this.atRest || this.running || !live.drawn || result.frame?.stage === "final") return;
    this.timer = setTimeout(() => {
      if (!paper.drawingNow) void this.refine().catch(() => undefined); // superseded: drawn on
    }, REST_MS);
  }

  /** Call off one that is being made of words alone: unlike ink, newer words do not go by themselves. */
  outdated(): void {
    const { live, result } = this.parts;
    if (!this.running || live.drawn) return;
    this.turn += 1;
    this.running = false;
    result.making(null);
    live.callOff();
    this.events.changed();
  }

  /** Show how far the one is that is being made. */
  told(progress: Progress): void {
    if (this.running && !progress.done) this.parts.result.told(progress, this.label);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** What there is to tell of the picture on show. */
  private get about(): Pick<Snapshot, "params" | "model"> {
    const { result, settings } = this.parts;
    return { params: result.frame?.params ?? settings.all, model: result.frame?.model ?? "" };
  }

  private get strokes(): StrokeJson[] | null {
    const { drawing } = this.parts.paper;
    return drawing.hasBase || drawing.hasMaskBase ? null : toJson(drawing.operations);
  }

  private async refine(params: Params = {}, label = "Refining"): Promise<Final> {
    const { live, result } = this.parts;
    clearTimeout(this.timer);
    const turn = ++this.turn;
    this.running = true;
    this.label = label;
    result.making(label, () => {
      this.cancelled = turn;
      live.cancel();
    });
    this.events.changed();
    this.failure = null;
    try {
      const final = await live.refine(params);
      if ("file" in final) result.play(final);
      return final;
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      if (turn === this.turn) {
        this.running = false;
        result.making(null);
        this.events.changed();
      }
    }
  }

  /** Whether the picture on show is already the final one of this size and these params. */
  private shows(size: number): boolean {
    const { live, result, settings } = this.parts;
    const { frame } = result;
    if (frame?.stage !== "final" || frame.model !== live.finisher || Math.max(frame.width, frame.height) < size)
      return false;
    const wanted = Object.entries(settings.toSend).filter(([key]) => key !== "size");
    return wanted.every(([key, value]) => JSON.stringify(frame.params[key]) === JSON.stringify(value));
  }

  private unsaved(error: unknown): void {
    if (this.cancelled === this.turn || !(error instanceof LivedraftError) || error.code !== "superseded") return;
    this.events.failed(
      new LivedraftError({
        code: "superseded",
        message: "the picture was not saved, since something newer came",
        fix: "save it again",
        retryable: true,
      }),
    );
  }
}

function file(address: string): Blob {
  return new Blob([bytesOf(address) ?? ""], { type: "image/png" });
}
