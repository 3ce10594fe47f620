/** Paints operations; a stroke painted point by point has the shape that it has painted at once. */

import { painted } from "../media/masks.ts";
import { decode } from "../media/pictures.ts";
import type { Operation, Stroke } from "./drawing.ts";
import { isOfMask, masks } from "./drawing.ts";

type Context = CanvasRenderingContext2D;

/** Pictures have to be decoded before they can be painted; see `decodePictures`. */
const decoded = new WeakMap<Blob, ImageBitmap>();

export async function decodePictures(operations: readonly Operation[]): Promise<void> {
  for (const operation of operations) {
    if (operation.kind !== "picture" || decoded.has(operation.blob)) continue;
    const picture = await decode(operation.blob);
    decoded.set(operation.blob, operation.layer === "mask" ? await painted(picture) : picture);
  }
}

/** Paint one whole operation, unless it is the mask's; `width` is the paper's, in px. */
export function paint(context: Context, operation: Operation, width: number): void {
  const { canvas } = context;
  if (isOfMask(operation)) return;
  if (operation.kind === "clear") context.clearRect(0, 0, canvas.width, canvas.height);
  else if (operation.kind === "picture") paintPicture(context, operation.blob);
  else if (operation.kind === "stroke") paintFrom(context, operation, 0, width);
}

/** Paint one whole operation where it is the mask's, in a colour or a pattern. */
export function paintMask(context: Context, operation: Operation, width: number, ink: string | CanvasPattern): void {
  const { canvas } = context;
  const fill = (how: GlobalCompositeOperation): void => {
    context.save();
    context.globalCompositeOperation = how;
    context.fillStyle = ink;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.restore();
  };
  if (operation.kind === "clear" || operation.kind === "unmask") context.clearRect(0, 0, canvas.width, canvas.height);
  else if (operation.kind === "invert") fill("xor");
  else if (operation.kind === "picture" && operation.layer === "mask") {
    paintPicture(context, operation.blob);
    fill("source-in");
  } else if (operation.kind === "stroke" && masks(operation.tool)) paintFrom(context, operation, 0, width, ink);
}

/**
 * Paint a stroke's points from the index `first` on.
 *
 * Points of one pressure are one path: where paths overlap, their soft edges add up and show.
 */
export function paintFrom(
  context: Context,
  stroke: Stroke,
  first: number,
  width: number,
  ink: string | CanvasPattern = stroke.colour,
): void {
  context.save();
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = ink;
  if (stroke.tool === "eraser" || stroke.tool === "unmask") context.globalCompositeOperation = "destination-out";
  context.beginPath();
  for (let i = first; i < stroke.points.length / 3; i++) {
    const pressure = stroke.points[i * 3 + 2] ?? 0.5;
    const lineWidth = Math.max(0.5, stroke.size * width * (0.3 + 1.4 * pressure));
    if (i > first && lineWidth !== context.lineWidth) {
      context.stroke();
      context.beginPath();
    }
    context.lineWidth = lineWidth;
    tracePoint(context, stroke.points, i, width);
  }
  context.stroke();
  context.restore();
}

const CUT = 1; // px that a corner is rounded by at most

/**
 * Trace what point `i` adds: a curve from the segment before to its own, and straight on to the
 * point itself, so that the ink always reaches the pen.
 *
 * The curve begins and ends in the middles of the two segments; where points are few and far between
 * so near to the corner that it stays by the path that was drawn. The straight end that was painted
 * before it, to the corner, would stand out of any wider one.
 */
function tracePoint(context: Context, points: readonly number[], i: number, width: number): void {
  const at = (index: number): [number, number] => {
    const from = Math.max(0, index) * 3;
    return [(points[from] ?? 0) * width, (points[from + 1] ?? 0) * width];
  };
  const [x, y] = at(i);
  const [bx, by] = at(i - 1);
  const [ax, ay] = at(i - 2);
  const part = Math.min(0.5, (4 * CUT) / Math.hypot(2 * bx - ax - x, 2 * by - ay - y));
  context.moveTo(bx + part * (ax - bx), by + part * (ay - by));
  context.quadraticCurveTo(bx, by, bx + part * (x - bx), by + part * (y - by));
  context.lineTo(x, y + (i ? 0 : 0.01)); // a line without length would leave no dot
}

function paintPicture(context: Context, blob: Blob): void {
  const bitmap = decoded.get(blob);
  if (!bitmap) return;
  const { canvas } = context;
  const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
