/** The drawing as a list of operations: what can be undone, redone, kept and painted again. */

import { countsAsColour } from "../media/colours.ts";

/** Coordinates and sizes are in units of the paper's width, so a drawing fits any resolution. */
export interface Stroke {
  kind: "stroke";
  tool: Tool;
  colour: string; // CSS
  size: number; // diameter at pressure 0.5
  points: number[]; // x, y, pressure, x, y, pressure, …
}

/** An opened picture, fitted into the paper. */
export interface Picture {
  kind: "picture";
  blob: Blob;
}

export interface Clear {
  kind: "clear";
}

export type Operation = Stroke | Picture | Clear;
export type Tool = "pen" | "eraser";

/** Operations that can be undone; older ones are painted into the base for good. */
export const MAX_OPERATIONS = 300;

export class Drawing {
  private done: Operation[] = [];
  private undone: Operation[] = [];
  /** Whether older operations, no longer listed, left something on the paper. */
  hasBase = false;

  get operations(): readonly Operation[] {
    return this.done;
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Whether nothing is on the paper; what an eraser took away does not count as nothing. */
  get empty(): boolean {
    for (let i = this.done.length - 1; i >= 0; i--) {
      const operation = this.done[i] as Operation;
      if (operation.kind === "clear") return true;
      if (operation.kind === "picture" || operation.tool === "pen") return false;
    }
    return !this.hasBase;
  }

  /** Whether anything on it says a colour: ink, a picture, or what is too old to tell. */
  get coloured(): boolean {
    const cleared = this.done.map((each) => each.kind).lastIndexOf("clear");
    const since = this.done.slice(cleared + 1);
    const inked = since.some(
      (each) =>
        each.kind === "picture" || (each.kind === "stroke" && each.tool === "pen" && countsAsColour(each.colour)),
    );
    return inked || (this.hasBase && cleared < 0);
  }

  /** Add an operation; return those that are now too old to undo and belong into the base. */
  add(operation: Operation): Operation[] {
    this.done.push(operation);
    this.undone = [];
    const old = this.done.splice(0, Math.max(0, this.done.length - MAX_OPERATIONS));
    for (const each of old) this.hasBase = each.kind !== "clear";
    return old;
  }

  undo(): boolean {
    const operation = this.done.pop();
    if (operation) this.undone.push(operation);
    return operation !== undefined;
  }

  redo(): boolean {
    const operation = this.undone.pop();
    if (operation) this.done.push(operation);
    return operation !== undefined;
  }

  /** Take over a drawing that was kept. */
  restore(operations: readonly Operation[], hasBase: boolean): void {
    this.done = [...operations];
    this.undone = [];
    this.hasBase = hasBase;
  }
}
