/** Which pointers draw: pens before palms, one finger of two, the button that is meant; and where they are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tool } from "../../src/sketch/drawing.ts";
import { Pointers } from "../../src/sketch/pointer.ts";
import { h } from "../../src/ui/dom.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage } from "../doubles/page.ts";

installPage();

/** A paper of 100 px, whose corners stand where a transform puts them. */
function paper(
  corners: [number, number][] = [
    [0, 0],
    [100, 0],
    [0, 100],
  ],
): {
  brush: { tool: Tool };
  did: unknown[];
  point(type: string, more?: Record<string, unknown>): Happening;
} {
  const did: unknown[] = [];
  const canvas = h("canvas", {}) as unknown as Element;
  Object.assign(canvas, { width: 100, height: 100, clientWidth: 100, clientHeight: 100 });
  const ends = (how: string): void => {
    did.push(how);
    pointers.release();
  };
  const brush: { tool: Tool } = { tool: "pen" };
  const hand = {
    canvas,
    brush,
    draw: (x: number, y: number, pressure: number, _: number, tool: string) => did.push([x, y, pressure, tool]),
    finish: () => ends("finish"),
    cancel: () => ends("cancel"),
  };
  const pointers = new Pointers(hand as never);
  pointers.corners.forEach((corner, i) => {
    const [x, y] = corners[i]!;
    (corner as unknown as Element).getBoundingClientRect = () => ({ x, y });
  });
  return {
    brush,
    did,
    point: (type, more = {}) => {
      const usual = {
        pointerType: "mouse",
        pointerId: 1,
        isPrimary: true,
        button: 0,
        buttons: 1,
        pressure: 0.8,
        clientX: 50,
        clientY: 25,
      };
      const event = new Happening(`pointer${type}`, { ...usual, ...more });
      canvas.dispatchEvent(event);
      return event;
    },
  };
}

test("a mouse draws with its first button, a pen with its pressure, its other end erases", () => {
  const { did, point } = paper();
  point("down", { button: 2, buttons: 2 });
  assert.deepEqual(did, []);
  assert.equal(point("down").defaultPrevented, true);
  point("move", { clientX: 75 });
  point("up");
  point("down", { pointerType: "pen", button: 5, buttons: 32 });
  assert.deepEqual(did, [[0.5, 0.25, 0.5, "pen"], [0.75, 0.25, 0.5, "pen"], "finish", [0.5, 0.25, 0.8, "eraser"]]);
});

test("a pen's other end takes away of the mask where that is drawn", () => {
  const { brush, did, point } = paper();
  brush.tool = "mask";
  point("down", { pointerType: "pen" });
  point("up", { pointerType: "pen" });
  point("down", { pointerType: "pen", button: 5, buttons: 32 });
  assert.deepEqual(did, [[0.5, 0.25, 0.8, "mask"], "finish", [0.5, 0.25, 0.8, "unmask"]]);
});

test("all that a browser put together is drawn; another pointer's movement is not", () => {
  const { did, point } = paper();
  point("down");
  const coalesced = [60, 70, 80].map((clientX) => ({ clientX, clientY: 25, pressure: 0.5, timeStamp: 0 }));
  point("move", { getCoalescedEvents: () => coalesced });
  point("move", { pointerId: 2 });
  assert.deepEqual(
    did.map((each) => (each as number[])[0]),
    [0.5, 0.6, 0.7, 0.8],
  );
  point("move", { buttons: 2 }); // the button that drew went up, another stays down
  assert.equal(did.at(-1), "finish");
});

test("a second finger in time is a pinch; later it is nothing", () => {
  for (const [after, last] of [
    [100, "cancel"],
    [600, 0.9],
  ] as const) {
    const { did, point } = paper();
    point("down", { pointerType: "touch" });
    point("move", { pointerType: "touch", clientX: 90, timeStamp: after - 50 });
    point("down", { pointerType: "touch", pointerId: 2, isPrimary: false, timeStamp: after });
    assert.equal(Array.isArray(did.at(-1)) ? (did.at(-1) as number[])[0] : did.at(-1), last);
  }
});

test("a pen that comes takes the palm's stroke back, and fingers draw no more", () => {
  const { did, point } = paper();
  point("down", { pointerType: "touch" });
  point("down", { pointerType: "pen", pointerId: 2 });
  assert.deepEqual(did.slice(1), ["cancel", [0.5, 0.25, 0.8, "pen"]]);
  point("up", { pointerType: "pen", pointerId: 2 });
  const before = did.length;
  point("down", { pointerType: "touch", pointerId: 3 });
  assert.equal(did.length, before);
});

test("a touch that the browser takes for a pan is no stroke, unless it was one for long", () => {
  for (const [timeStamp, clientX, end] of [
    [100, 51, "cancel"],
    [900, 90, "finish"],
  ] as const) {
    const { did, point } = paper();
    point("down", { pointerType: "touch" });
    point("move", { pointerType: "touch", clientX, timeStamp });
    point("cancel", { pointerType: "touch", timeStamp });
    assert.equal(did.at(-1), end);
  }
});

test("a place is the paper's, whatever turns, skews or scales the page; off show it is none", () => {
  for (const [corners, at, place] of [
    [
      [
        [0, 0],
        [200, 0],
        [0, 200],
      ],
      [50, 150],
      [0.25, 0.75],
    ], // twice as large
    [
      [
        [100, 0],
        [100, 100],
        [0, 0],
      ],
      [80, 30],
      [0.3, 0.2],
    ], // turned by a quarter
    [
      [
        [0, 0],
        [100, 0],
        [50, 100],
      ],
      [75, 50],
      [0.5, 0.5],
    ], // skewed
  ] as const) {
    const { did, point } = paper(corners as never);
    point("down", { clientX: at[0], clientY: at[1] });
    assert.deepEqual((did[0] as number[]).slice(0, 2), place);
  }
  const { did, point } = paper([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  point("down");
  assert.deepEqual(did, []);
});
