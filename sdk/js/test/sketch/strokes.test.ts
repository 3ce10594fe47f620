/** Drawings as JSON: what is written is read, a few points become a curve, nonsense is refused. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Operation, Stroke, Tool } from "../../src/sketch/drawing.ts";
import { fromJson, smooth, toJson } from "../../src/sketch/strokes.ts";
import { readAttribute } from "../../src/ui/attributes.ts";

const STROKE: Stroke = {
  kind: "stroke",
  tool: "pen",
  colour: "#112233",
  size: 0.02,
  points: [0.1, 0.2, 0.5, 0.3, 0.4, 0.7],
};

test("strokes come back as they were written", () => {
  const eraser: Stroke = { ...STROKE, tool: "eraser" };
  assert.deepEqual(fromJson(toJson([STROKE, eraser])), [STROKE, eraser]);
});

test("only what was drawn since the paper was cleared is written; a picture is no stroke", () => {
  const picture: Operation = { kind: "picture", blob: new Blob() };
  assert.equal(toJson([STROKE, { kind: "clear" }, STROKE])?.length, 1);
  assert.equal(toJson([STROKE, { kind: "clear" }, picture]), null);
  assert.deepEqual(toJson([picture, { kind: "clear" }]), []);
});

test("a mask is written stroke by stroke, unless it was taken away; turned round it is no stroke", () => {
  const of = (tool: Tool): Stroke => ({ kind: "stroke", tool, colour: "#1a1a1a", size: 0.1, points: [0, 0, 0.5] });
  const tools = (...done: Operation[]): unknown => toJson(done)?.map(({ tool }) => tool) ?? null;
  assert.deepEqual(tools(of("pen"), of("mask"), of("unmask")), ["pen", "mask", "unmask"]);
  assert.deepEqual(tools(of("mask"), of("pen"), { kind: "invert" }, { kind: "unmask" }, of("mask")), ["pen", "mask"]);
  assert.equal(tools(of("pen"), { kind: "invert" }), null);
  assert.deepEqual(
    fromJson(toJson([of("mask")])).map(({ tool }) => tool),
    ["mask"],
  );
});

test("a curve goes through its points, with a corner where one comes twice", () => {
  const points: [number, number][] = [
    [0, 0],
    [0.2, 0.2],
    [0.4, 0],
    [0.4, 0],
    [0.4, 0.4],
  ];
  const curve = smooth(points);
  for (const [x, y] of points) assert.ok(curve.some(([cx, cy]) => Math.hypot(cx - x, cy - y) < 2e-4));
  const corner = curve.filter(([x, y]) => x > 0.4001 && y < 0.4);
  assert.deepEqual(corner, [], "it does not swing out of the corner");
  for (const [, , pressure] of curve) assert.ok(pressure > 0.3 && pressure <= 0.5);
});

test("a closed curve is smooth and of one width all round", () => {
  const curve = smooth([
    [0.5, 0.3],
    [0.7, 0.5],
    [0.5, 0.7],
    [0.3, 0.5],
    [0.5, 0.3],
  ]);
  assert.deepEqual(new Set(curve.map(([, , pressure]) => pressure)), new Set([0.5]));
  const [from, to] = [curve[1]!, curve.at(-2)!];
  assert.ok(Math.abs(from[1] - to[1]) < 1e-3, "flat at the top, where it closes");
});

test("what is no drawing is refused", () => {
  const bad = [
    null,
    {},
    [null],
    [{}],
    [{ points: [] }],
    [{ points: [[1]] }],
    [{ points: [[NaN, 0]] }],
    [{ points: [[0, 0]], colour: "red" }],
    [{ points: [[0, 0]], size: 0 }],
    [{ points: [[0, 0]], tool: "axe" }],
  ];
  for (const each of bad) assert.throws(() => fromJson(each), { code: "invalid_drawing" }, JSON.stringify(each));
});

test("the demo's ten drawings can be drawn, and fit on the paper", () => {
  const folder = new URL("../../../../../demos/live_drawing/examples/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.equal(names.length, 10);
  for (const name of names) {
    const { strokes, prompt } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
      strokes: unknown;
      prompt: string;
    };
    assert.ok(prompt);
    for (const { points } of fromJson(strokes))
      assert.ok(
        points.every((each) => each > 0 && each < 1),
        name,
      );
  }
});

test("attributes say lists, maps and numbers", () => {
  assert.deepEqual(readAttribute("palette", "#112233, #445566"), ["#112233", "#445566"]);
  assert.deepEqual(readAttribute("loras", "wood:0.8 night"), { wood: 0.8, night: 1 });
  assert.equal(readAttribute("size", "1024"), 1024);
  assert.equal(readAttribute("size", "large"), undefined);
  assert.equal(readAttribute("size", ""), undefined);
});
