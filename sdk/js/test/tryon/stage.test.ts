/** What lies over the picture: painting, points, people, the mirror; by doubles of canvases and cameras. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import type { Place } from "../../src/tryon/measured.ts";
import { Brush } from "../../src/tryon/stage/brush.ts";
import { Dots } from "../../src/tryon/stage/dots.ts";
import { GarmentPoints } from "../../src/tryon/stage/garment.ts";
import { Mirror } from "../../src/tryon/stage/mirror.ts";
import { People } from "../../src/tryon/stage/people.ts";
import { Welcome } from "../../src/tryon/stage/welcome.ts";
import { en } from "../../src/tryon/words/en.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import { Texts } from "../../src/tryon/words/texts.ts";
import { Bitmap, Canvas } from "../doubles/canvas.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, key, named } from "../doubles/page.ts";
import { Devices } from "../doubles/streams.ts";

installPage();
Canvas.install();
const devices = Devices.install();
const el = (root: unknown): Element => root as Element;

function pointer(target: unknown, type: string, x: number, y: number, more: object = {}): void {
  const event = { bubbles: true, button: 0, pointerId: 1, clientX: x, clientY: y, ...more };
  el(target).dispatchEvent(new Happening(type, event));
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

let texts: Texts;
beforeEach(() => {
  texts = new Texts();
});

interface Painting {
  brush: Brush;
  canvas: Canvas;
  masks: (Blob | null)[];
  found: number; // how often the model's mask was painted
}

function painting(): Painting {
  const masks: (Blob | null)[] = [];
  const brush = new Brush(texts, { mask: (mask) => masks.push(mask), changed: () => undefined });
  const state: Painting = { brush, canvas: brush.canvas as unknown as Canvas, masks, found: 0 };
  brush.open({ width: 3000, height: 6000 }, () => (state.found += 1));
  return state;
}

test("a mask is painted by hand over the model's, sent when a stroke ends, and taken back", async () => {
  const { brush, canvas, masks, found } = painting();
  assert.deepEqual([canvas.width, canvas.height, found], [256, 512, 1], "as the model sees the photo");
  pointer(canvas, "pointerdown", 50, 100);
  pointer(canvas, "pointermove", 60, 110, { pointerId: 2 });
  pointer(canvas, "pointermove", 70, 120, { getCoalescedEvents: () => [{ clientX: 70, clientY: 120 }] });
  assert.equal(masks.length, 0, "not while it is painted");
  pointer(canvas, "pointerup", 70, 120);
  await settled();
  assert.equal(masks[0]!.type, "image/png");
  assert.ok(brush.painted);
  assert.deepEqual(canvas.asked("lineTo").at(-1), ["lineTo", 0.7 * 256, 0.6 * 512]);
  brush.erases = true;
  brush.size = 0.1;
  pointer(canvas, "pointerdown", 5, 5, { button: 2 });
  pointer(canvas, "pointerdown", 5, 5);
  pointer(canvas, "pointercancel", 5, 5);
  await settled();
  assert.deepEqual(canvas.asked("globalCompositeOperation").at(-1), ["globalCompositeOperation", "destination-out"]);
  assert.deepEqual(canvas.asked("lineWidth").at(-1), ["lineWidth", 25.6]);
  assert.equal(masks.length, 2);
  brush.undo();
  await settled();
  brush.undo();
  await settled();
  assert.deepEqual([masks.length, masks.at(-1), brush.painted], [4, null, false], "the model's own again");
});

test("arrow keys move the brush and space paints", async () => {
  const { brush, canvas, masks } = painting();
  for (const name of ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowRight"]) key(canvas, name);
  assert.equal(key(canvas, "x").defaultPrevented, false);
  key(canvas, " ");
  await settled();
  assert.deepEqual(canvas.asked("moveTo").at(-1), ["moveTo", 0.52 * 256, 0.5 * 512]);
  key(canvas, "z", { ctrlKey: true });
  assert.deepEqual([masks.length, masks.at(-1)], [2, null]);
  key(canvas, "Enter");
  brush.automatic();
  await settled();
  assert.equal(masks.at(-1), null);
  brush.clear();
  assert.deepEqual([canvas.width, canvas.height], [0, 0], "nothing is left of it");
});

test("points are dragged and moved by keys; all that were moved are told", () => {
  const told: Record<string, Place>[] = [];
  const dots = new Dots(texts, (moved) => told.push({ ...moved }));
  const root = el(dots.root);
  Object.assign(root, { getBoundingClientRect: () => ({ left: 0, top: 0, width: 100, height: 200 }) });
  assert.ok(dots.empty);
  dots.show({ l_hem: [0.2, 0.8], r_hem: [0.8, 0.8] });
  const [left, right] = root.children as [Element, Element];
  assert.equal(left.getAttribute("aria-label"), "L hem: 20 % from the left, 80 % from the top");
  pointer(left, "pointerdown", 20, 160);
  pointer(root, "pointermove", 30, 170);
  pointer(root, "pointermove", 90, 10, { pointerId: 2 });
  dots.show({ l_hem: [0, 0], r_hem: [0, 0] });
  pointer(root, "pointerup", 30, 170, { pointerId: 2 });
  pointer(root, "pointerup", 30, 170);
  assert.deepEqual(told, [{ l_hem: [0.3, 0.85] }]);
  assert.ok(left.hasAttribute("data-moved"));
  key(right, "ArrowRight", { shiftKey: true });
  key(right, "Tab");
  for (let i = 0; i < 40; i++) key(right, "ArrowDown", { shiftKey: true });
  assert.deepEqual(told.at(-1), { l_hem: [0.3, 0.85], r_hem: [0.85, 1] }, "none leaves the picture");
  dots.show({ l_hem: [0.1, 0.1], r_hem: [0.1, 0.1], neck: [0.5, 0.1] });
  assert.equal(root.children[0]!.style.getPropertyValue("left"), "30%", "what was moved stays");
  assert.ok(dots.changed);
  dots.reset({ neck: [0.5, 0.1] });
  assert.deepEqual([dots.changed, root.children.length], [false, 1]);
  texts.use(tableOf("de"));
  assert.match(root.children[0]!.getAttribute("aria-label")!, /^Neck: 50/);
});

test("the garment's points lie on its picture, and another garment has none yet", () => {
  const garment = new GarmentPoints(texts, () => undefined);
  const root = el(garment.root);
  const [none, picture] = [root.querySelector(".none")!, root.querySelector("img")!];
  garment.wear("a.png");
  assert.deepEqual([picture["src"], none.hidden], ["a.png", false]);
  Object.assign(picture, { naturalWidth: 300, naturalHeight: 400 });
  picture.dispatchEvent(new Happening("load"));
  assert.equal(root.style.getPropertyValue("--cloth"), "0.75");
  garment.show({ hem: [0, 0] });
  assert.ok(none.hidden);
  garment.wear("a.png");
  assert.ok(none.hidden, "the same garment");
  garment.wear("");
  assert.equal(none.hidden, false);
});

test("of several people one is taken, from the left to the right", () => {
  const chosen: Place[] = [];
  const people = new People(texts, (place) => chosen.push(place));
  const root = el(people.root);
  people.there([[0.2, 0, 0.6, 1]]);
  assert.equal(people.several, false);
  people.there([
    [0.6, 0.2, 1, 1],
    [0, 0, 0.5, 1],
  ]);
  assert.ok(people.several);
  const [first] = root.children;
  people.there([
    [0, 0, 0.5, 1],
    [0.6, 0.2, 1, 1],
  ]);
  assert.equal(root.children[0], first, "who has the focus keeps it");
  named(root, "Person 2 of 2, from the left").click();
  named(root, "Person 1 of 2, from the left").click();
  assert.deepEqual(chosen, [
    [0.8, 0.6],
    [0.25, 0.5],
  ]);
});

test("before there is a photo, ways to one are offered that this browser has", () => {
  const did: unknown[] = [];
  const events = { open: (file: Blob) => did.push(file), mirror: () => did.push("mirror") };
  const root = el(new Welcome(texts, events).root);
  assert.ok(named(root, en.stage.shoot).hidden, "a mouse: no camera's own program");
  const [choose, shoot] = root.querySelectorAll("input");
  assert.deepEqual([choose!.getAttribute("capture"), shoot!.getAttribute("capture")], [null, "user"]);
  let asked = 0;
  choose!.addEventListener("click", () => (asked += 1));
  named(root, en.stage.choose).click();
  choose!.files = ["photo"];
  choose!.dispatchEvent(new Happening("change"));
  named(root, en.stage.mirror).click();
  assert.deepEqual([asked, did], [1, ["photo", "mirror"]]);
});

test("the mirror counts down to a still, can be called off, and shows what is worn", async () => {
  const did: [string, ...unknown[]][] = [];
  const note =
    (name: string) =>
    (...how: unknown[]): void =>
      void did.push([name, ...how]);
  const events = { state: note("state"), failed: note("failed"), still: note("still"), stop: note("stop") };
  const mirror = new Mirror(texts, { ...events, said: note("said") });
  const root = el(mirror.root);
  const { video } = mirror.source;
  Object.assign(video, { play: async () => undefined, pause: () => undefined, load: () => undefined });
  assert.deepEqual([mirror.on, mirror.aspect, root.hasAttribute("data-mirror")], [false, 1, true]);
  const shutter = named(root, en.camera.still);
  assert.ok(shutter.disabled);
  mirror.start();
  assert.ok(mirror.on);
  await settled();
  assert.deepEqual(devices.asked.length, 1);
  Object.assign(video, { videoWidth: 1920, videoHeight: 1080 });
  assert.equal(mirror.aspect, 1920 / 1080);
  const bitmap = new Bitmap(1920, 1080);
  Object.assign(globalThis, { createImageBitmap: async () => bitmap });
  mock.timers.enable({ apis: ["setTimeout"] });
  shutter.click();
  mock.timers.tick(1000);
  shutter.click();
  mock.timers.tick(9000);
  assert.deepEqual(
    did.filter(([name]) => name === "still"),
    [],
    "called off",
  );
  shutter.click();
  for (let second = 0; second < 3; second++) mock.timers.tick(1000);
  mock.timers.reset();
  await settled();
  assert.deepEqual(
    did.filter(([name]) => name === "still"),
    [["still", bitmap]],
  );
  assert.deepEqual(did.filter(([name]) => name === "said").slice(-3), [
    ["said", "3"],
    ["said", "2"],
    ["said", "1"],
  ]);
  mirror.paint(new Bitmap(640, 360) as never);
  mirror.paint({ displayWidth: 320, displayHeight: 180 } as never);
  const reflection = root.querySelector(".reflection") as unknown as Canvas;
  assert.deepEqual([reflection.width, reflection.height, reflection.hidden], [320, 180, false]);
  named(root, en.camera.mirror).click();
  assert.equal(root.hasAttribute("data-mirror"), false);
  named(root, en.camera.stop).click();
  mirror.stop();
  assert.deepEqual([reflection.width, mirror.on, did.some(([name]) => name === "stop")], [0, false, true]);
});
