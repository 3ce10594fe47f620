/** Drawings as JSON, in recipes and examples: strokes of points, in units of the paper's width. */

import { LivedraftError } from "../errors.ts";
import type { Operation, Stroke, Tool } from "./drawing.ts";
import { isOfMask } from "./drawing.ts";

/** A stroke as it is written. */
export interface StrokeJson {
  points: number[][]; // x, y, and pressure 0..1 where it is known
  colour?: string; // "#rrggbb"
  size?: number; // diameter at pressure 0.5
  tool?: Tool;
}

const INK = "#1a1a1a";
const TOOLS: readonly Tool[] = ["pen", "eraser", "mask", "unmask"];
const SIZE = 0.014;
const MOST_POINTS = 200_000; // of a whole drawing; far more than a hand draws
const STEP = 0.006; // between the points of a curve that is drawn through a few given ones
const TAPER = 0.05; // length at each end over which the pressure rises

/** Return a drawing's strokes, or null where it holds more than strokes: an opened picture. */
export function toJson(operations: readonly Operation[]): StrokeJson[] | null {
  const kinds = operations.map((each) => each.kind);
  const [cleared, unmasked] = [kinds.lastIndexOf("clear"), kinds.lastIndexOf("unmask")];
  const strokes = operations.filter((each, i) => i > cleared && !(i <= unmasked && isOfMask(each)));
  if (!strokes.every((each): each is Stroke => each.kind === "stroke")) return null;
  return strokes.map(({ tool, colour, size, points }) => ({
    tool,
    colour,
    size,
    points: Array.from({ length: points.length / 3 }, (_, i) => points.slice(i * 3, i * 3 + 3)),
  }));
}

/** Return the strokes that JSON says; throw `invalid_drawing` for anything else. */
export function fromJson(json: unknown): Stroke[] {
  if (!Array.isArray(json)) throw invalid("strokes are a list");
  let count = 0;
  return json.map((each: Partial<StrokeJson> | null): Stroke => {
    const { points, colour = INK, size = SIZE, tool = "pen" } = each ?? {};
    if (!Array.isArray(points) || !points.length || !points.every(isPoint))
      throw invalid("a stroke has points [x, y] or [x, y, pressure]");
    if (typeof colour !== "string" || !/^#[0-9a-f]{6}$/i.test(colour)) throw invalid("a colour is #rrggbb");
    if (typeof size !== "number" || !(size > 0 && size <= 1)) throw invalid("a size is in 0..1, of the paper's width");
    if (!TOOLS.includes(tool)) throw invalid(`a tool is one of ${TOOLS.join(", ")}`);
    const drawn = points.some((point) => point.length > 2) ? points : smooth(points as [number, number][]);
    count += drawn.length;
    if (count > MOST_POINTS) throw invalid(`a drawing has at most ${MOST_POINTS} points`);
    return {
      kind: "stroke",
      tool,
      colour,
      size,
      points: drawn.flatMap(([x = 0, y = 0, pressure = 0.5]) => [x, y, pressure]),
    };
  });
}

function isPoint(point: unknown): boolean {
  return (
    Array.isArray(point) &&
    (point.length === 2 || point.length === 3) &&
    point.every((each) => typeof each === "number" && Math.abs(each) < 100)
  );
}

function invalid(message: string): LivedraftError {
  return new LivedraftError({ code: "invalid_drawing", message, fix: "see the page on embedding for the format" });
}

/**
 * Draw a curve through points without pressure as a hand does: smooth, but with a corner where a
 * point comes twice, and lighter at both ends unless the curve is closed.
 */
export function smooth(points: readonly [number, number][]): [number, number, number][] {
  const curve = runs(points).flatMap((run, i) => catmullRom(run).slice(i ? 1 : 0));
  const lengths = [0];
  curve.forEach(([x, y], i) => {
    const before = curve[i - 1];
    if (before) lengths.push((lengths[i - 1] as number) + Math.hypot(x - before[0], y - before[1]));
  });
  const whole = lengths.at(-1) ?? 0;
  const taper = isClosed(points) ? 0 : Math.min(TAPER, whole / 3);
  return curve.map(([x, y], i) => {
    const at = lengths[i] as number;
    const end = taper ? Math.min(1, Math.min(at, whole - at) / taper) : 1;
    return [round(x), round(y), Math.round((0.34 + 0.16 * Math.sqrt(end)) * 50) / 50];
  });
}

function isClosed(points: readonly [number, number][]): boolean {
  const [first, last] = [points[0], points.at(-1)];
  return points.length > 2 && Math.hypot(first![0] - last![0], first![1] - last![1]) < 0.01;
}

/** Part the points where one comes twice. */
function runs(points: readonly [number, number][]): [number, number][][] {
  const found: [number, number][][] = [[]];
  points.forEach((point, i) => {
    const before = points[i - 1];
    if (before && before[0] === point[0] && before[1] === point[1]) found.push([]);
    found.at(-1)!.push([...point]);
  });
  return found;
}

/** Return a centripetal Catmull-Rom curve (Yuksel et al., 2011), which has no loops or overshoots. */
function catmullRom(points: [number, number][]): [number, number][] {
  if (points.length < 2) return points;
  const closed = isClosed(points) && points.length > 3;
  const last = points.length - 1;
  const at = (i: number): [number, number] => {
    if (closed) return points[(i + last) % last] as [number, number];
    return points[Math.min(last, Math.max(0, i))] as [number, number];
  };
  const curve = [at(0)];
  for (let i = 0; i < last; i++) {
    const four = [at(i - 1), at(i), at(i + 1), at(i + 2)] as const;
    const count = Math.max(1, Math.ceil(gap(four[1], four[2]) / STEP));
    for (let n = 1; n <= count; n++) curve.push(between(four, n / count));
  }
  return curve;
}

type Four = readonly [[number, number], [number, number], [number, number], [number, number]];

function between([p0, p1, p2, p3]: Four, part: number): [number, number] {
  const t1 = knot(p0, p1);
  const t2 = t1 + knot(p1, p2);
  const t3 = t2 + knot(p2, p3);
  const t = t1 + part * (t2 - t1);
  const a1 = mix(p0, p1, t / t1);
  const a2 = mix(p1, p2, (t - t1) / (t2 - t1));
  const a3 = mix(p2, p3, (t - t2) / (t3 - t2));
  return mix(mix(a1, a2, t / t2), mix(a2, a3, (t - t1) / (t3 - t1)), (t - t1) / (t2 - t1));
}

/** The square root makes the curve centripetal; at an end two points are one. */
function knot(a: [number, number], b: [number, number]): number {
  return Math.max(1e-4, Math.sqrt(gap(a, b)));
}

function gap(a: readonly number[], b: readonly number[]): number {
  return Math.hypot((a[0] ?? 0) - (b[0] ?? 0), (a[1] ?? 0) - (b[1] ?? 0));
}

function mix(a: [number, number], b: [number, number], part: number): [number, number] {
  return [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
}

function round(value: number): number {
  return Math.round(value * 10000) / 10000;
}
