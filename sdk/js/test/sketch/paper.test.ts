/** The paper tells what changed, of which layer, and nothing where nothing did. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Paper } from "../../src/sketch/paper.ts";
import { Canvas } from "../doubles/canvas.ts";
import { installPage } from "../doubles/page.ts";

installPage();
Canvas.install();

let told: string[];
let paper: Paper;

beforeEach(() => {
  paper = new Paper({
    ink: (_at, layer) => told.push(layer ?? "all"),
    settled: () => undefined,
    stroke: () => undefined,
  });
  paper.mask.shown = true;
  told = [];
});

const stroke = (tool: "pen" | "mask"): void => {
  paper.draw(0.2, 0.2, 0.5, null, tool);
  paper.finish();
  told = [];
};

test("nothing is told where there is nothing to undo or to redo", () => {
  paper.undo();
  paper.redo();
  assert.deepEqual(told, []);
  stroke("pen");
  paper.redo();
  assert.deepEqual(told, []);
  paper.undo();
  paper.undo();
  assert.deepEqual(told, ["all"]);
});

test("what changes the mask alone is told as that: undone, turned round, or taken back under the pen", () => {
  stroke("mask");
  paper.undo();
  paper.redo();
  paper.turn("invert");
  paper.turn("unmask");
  paper.draw(0.2, 0.2, 0.5, null, "mask");
  paper.cancel();
  assert.deepEqual(told, ["mask", "mask", "mask", "mask", "mask", "mask"]);
  told = [];
  paper.draw(0.2, 0.2, 0.5, null, "pen");
  paper.cancel();
  assert.deepEqual(told, ["ink", "all"]);
});
