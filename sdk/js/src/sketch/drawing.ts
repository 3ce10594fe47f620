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

/** An opened picture, fitted into the paper; as the mask's, it is white where the picture is painted anew. */
export interface Picture {
  kind: "picture";
  blob: Blob;
  layer?: "mask";
}

export interface Clear {
  kind: "clear";
}

/** The mask is turned round, or taken away. */
export interface Turn {
  kind: "invert" | "unmask";
}

export type Operation = Stroke | Picture | Clear | Turn;
export type Tool = "pen" | "eraser" | "mask" | "unmask"; // the last two paint what is to change, and take it away

/** Whether a tool paints the mask, and no ink. */
export function masks(tool: Tool): boolean {
  return tool === "mask" || tool === "unmask";
}

/** Whether an operation is the mask's alone. */
export function isOfMask(operation: Operation): boolean {
  if (operation.kind === "stroke") return masks(operation.tool);
  if (operation.kind === "picture") return operation.layer === "mask";
  return operation.kind !== "clear";
}

/** How much of the paper a mask covers, as far as its operations tell. */
type Cover = "none" | "some" | "all";

/** Operations that can be undone; older ones are painted into the base for good. */
export const MAX_OPERATIONS = 300;

export class Drawing {
  private done: Operation[] = [];
  private undone: Operation[] = [];
  /** Whether older operations, no longer listed, left something on the paper. */
  hasBase = false;
  /** The same of the mask. */
  hasMaskBase = false;

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
      if (isOfMask(operation)) continue;
      if (operation.kind === "picture" || (operation.kind === "stroke" && operation.tool === "pen")) return false;
    }
    return !this.hasBase;
  }

  /** Whether anything is masked; what is taken away stroke by stroke does not count as nothing. */
  get masked(): boolean {
    return this.done.reduce(covered, this.hasMaskBase ? "some" : "none") !== "none";
  }

  /** Whether anything on it says a colour: ink, a picture, or what is too old to tell. */
  get coloured(): boolean {
    const cleared = this.done.map((each) => each.kind).lastIndexOf("clear");
    const since = this.done.slice(cleared + 1);
    const inked = since.some(
      (each) =>
        (each.kind === "picture" && !isOfMask(each)) ||
        (each.kind === "stroke" && each.tool === "pen" && countsAsColour(each.colour)),
    );
    return inked || (this.hasBase && cleared < 0);
  }

  /** Add an operation; return those that are now too old to undo and belong into the base. */
  add(operation: Operation): Operation[] {
    this.done.push(operation);
    this.undone = [];
    const old = this.done.splice(0, Math.max(0, this.done.length - MAX_OPERATIONS));
    for (const each of old) {
      if (!isOfMask(each)) this.hasBase = each.kind !== "clear";
      this.hasMaskBase = covered(this.hasMaskBase ? "some" : "none", each) !== "none";
    }
    return old;
  }

  /** Take the newest operation back; null where there is none. */
  undo(): Operation | null {
    const operation = this.done.pop();
    if (operation) this.undone.push(operation);
    return operation ?? null;
  }

  redo(): Operation | null {
    const operation = this.undone.pop();
    if (operation) this.done.push(operation);
    return operation ?? null;
  }

  /** Take over a drawing that was kept. */
  restore(operations: readonly Operation[], hasBase: boolean, hasMaskBase = false): void {
    this.done = [...operations];
    this.undone = [];
    this.hasBase = hasBase;
    this.hasMaskBase = hasMaskBase;
  }
}

/** Return what is masked after an operation, of what was before it. */
function covered(before: Cover, operation: Operation): Cover {
  if (operation.kind === "clear" || operation.kind === "unmask") return "none";
  if (operation.kind === "invert") return before === "none" ? "all" : before === "all" ? "none" : "some";
  if (!isOfMask(operation)) return before;
  if (operation.kind === "stroke" && operation.tool === "unmask") return before === "all" ? "some" : before;
  return before === "all" ? "all" : "some";
}
