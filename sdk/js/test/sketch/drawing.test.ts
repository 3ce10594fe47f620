/** What can be undone, what can be redone, and when a drawing is empty. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation, Tool } from "../../src/sketch/drawing.ts";
import { Drawing, MAX_OPERATIONS } from "../../src/sketch/drawing.ts";

function stroke(tool: Tool = "pen"): Operation {
  return { kind: "stroke", tool, colour: "#000", size: 0.01, points: [0, 0, 0.5] };
}

test("an undone stroke comes back with redo, and a new one forgets it", () => {
  const drawing = new Drawing();
  const first = stroke();
  drawing.add(first);
  assert.ok(drawing.undo());
  assert.ok(drawing.empty && drawing.canRedo);
  assert.ok(drawing.redo());
  assert.deepEqual(drawing.operations, [first]);
  drawing.undo();
  drawing.add(stroke());
  assert.equal(drawing.redo(), false);
});

test("clearing is an operation like any other", () => {
  const drawing = new Drawing();
  drawing.add(stroke());
  drawing.add({ kind: "clear" });
  assert.ok(drawing.empty);
  drawing.undo();
  assert.ok(!drawing.empty);
});

test("an eraser alone leaves the drawing empty", () => {
  const drawing = new Drawing();
  drawing.add(stroke("eraser"));
  assert.ok(drawing.empty);
});

test("operations are bounded; the oldest become the base and stay visible", () => {
  const drawing = new Drawing();
  const old = Array.from({ length: MAX_OPERATIONS + 5 }, () => drawing.add(stroke())).flat();
  assert.equal(old.length, 5);
  assert.equal(drawing.operations.length, MAX_OPERATIONS);
  while (drawing.undo());
  assert.ok(!drawing.empty);
});

test("a drawing says a colour while any is in sight: ink, a picture, or what is too old to tell", () => {
  const drawing = new Drawing();
  const ink = (colour: string, tool: "pen" | "eraser" = "pen") => ({
    kind: "stroke" as const,
    tool,
    colour,
    size: 0.01,
    points: [0, 0, 0.5],
  });
  drawing.add(ink("#1a1a1a"));
  drawing.add(ink("#e5484d", "eraser"));
  assert.equal(drawing.coloured, false);
  drawing.add(ink("#e5484d"));
  assert.equal(drawing.coloured, true);
  drawing.add({ kind: "clear" });
  assert.equal(drawing.coloured, false);
  drawing.add({ kind: "picture", blob: new Blob() });
  assert.equal(drawing.coloured, true);
  drawing.restore([], true);
  assert.equal(drawing.coloured, true);
  drawing.add({ kind: "clear" });
  assert.equal(drawing.coloured, false);
});
