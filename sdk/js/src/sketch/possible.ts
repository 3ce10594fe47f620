/** What can be done as things stand, shown by every part that offers any of it. */

import type { SessionPanel } from "../ui/session_panel.ts";
import type { SketchCanvas } from "./canvas.ts";
import type { LiveResult } from "./live_result.ts";

interface Parts {
  canvas: SketchCanvas;
  panel: SessionPanel;
  result: LiveResult;
  root: HTMLElement;
  drawn(drawn: boolean): void; // something is on the paper, or nothing any more
}

export class Possible {
  private shown = "";

  constructor(private readonly parts: Parts) {}

  /** A part is new, and shows nothing yet. */
  forget(): void {
    this.shown = "";
  }

  /** Show it, if it is anything else than before; this is called at each point and frame. */
  show(): void {
    const { canvas, panel, result, root } = this.parts;
    const { drawing } = canvas.paper;
    const { drawn } = result.live;
    const { running, refusal } = result.finals;
    const picture = result.pane.frame !== null;
    const film = result.pane.film !== null;
    const { operations, canUndo, canRedo, coloured, empty, masked } = drawing;
    const done = [operations.length, canUndo, canRedo, empty, masked];
    const now = [drawn, refusal, running, picture, film, coloured, ...done].join();
    if (now === this.shown) return;
    this.shown = now;
    this.parts.drawn(drawn);
    canvas.refresh(drawn, picture);
    root.toggleAttribute("data-blank", !drawn && !picture && !film);
    panel.params.panel.allow(refusal, running, picture, coloured);
    result.refresh();
  }
}
