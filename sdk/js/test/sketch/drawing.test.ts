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
  assert.equal(drawing.redo(), null);
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

test("a mask is undone in one line with the ink, and is no drawing by itself", () => {
  const drawing = new Drawing();
  drawing.add(stroke("mask"));
  assert.deepEqual([drawing.empty, drawing.masked, drawing.coloured], [true, true, false]);
  drawing.add(stroke());
  drawing.add(stroke("unmask"));
  assert.deepEqual([drawing.empty, drawing.masked], [false, true]);
  assert.equal(drawing.undo()?.kind, "stroke");
  drawing.undo();
  assert.deepEqual([drawing.empty, drawing.masked], [true, true]);
  drawing.undo();
  assert.equal(drawing.masked, false);
  assert.equal(drawing.undo(), null);
});

test("what is masked follows what was done to it", () => {
  const blob = new Blob();
  const after = (...done: Operation[]): boolean => {
    const drawing = new Drawing();
    for (const each of done) drawing.add(each);
    return drawing.masked;
  };
  const [invert, unmask, clear] = [{ kind: "invert" }, { kind: "unmask" }, { kind: "clear" }] as const;
  assert.equal(after({ kind: "picture", blob }), false);
  assert.equal(after({ kind: "picture", blob, layer: "mask" }), true);
  assert.equal(after(stroke("unmask")), false);
  assert.equal(after(invert), true);
  assert.equal(after(invert, stroke("mask"), invert), false, "all of it, turned round");
  assert.equal(after(invert, stroke("unmask"), invert), true);
  assert.equal(after(stroke("mask"), unmask), false);
  assert.equal(after(stroke("mask"), clear), false);
});

test("a mask that is too old to undo stays, and is no ink", () => {
  const drawing = new Drawing();
  drawing.add(stroke("mask"));
  for (let i = 0; i < MAX_OPERATIONS; i++) drawing.add(stroke("eraser"));
  assert.deepEqual([drawing.hasBase, drawing.hasMaskBase, drawing.masked], [false, true, true]);
  drawing.add({ kind: "clear" });
  assert.equal(drawing.masked, false);
  drawing.restore([], false, true);
  assert.deepEqual([drawing.empty, drawing.masked], [true, true]);
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
