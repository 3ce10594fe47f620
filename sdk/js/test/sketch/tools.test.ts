/** The paint box and the keyboard: what each does to the brush and to the drawing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../../src/sketch/keys.ts";
import type { Brush } from "../../src/sketch/paper.ts";
import { Sheet } from "../../src/sketch/sheet.ts";
import { Toolbar } from "../../src/sketch/toolbar.ts";
import { h } from "../../src/ui/dom.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, key, named, type } from "../doubles/page.ts";

installPage();
const PEN: Brush = { tool: "pen", colour: "#1a1a1a", size: 0.014 };

function toolbar(): { toolbar: Toolbar; root: Element; did: unknown[] } {
  const did: unknown[] = [];
  const note = (name: string) => (): void => void did.push(name);
  const made = new Toolbar({
    brush: (change) => did.push(change),
    undo: note("undo"),
    redo: note("redo"),
    clear: note("clear"),
    open: note("open"),
    turn: (kind) => did.push(kind),
    take: note("take"),
  });
  return { toolbar: made, root: made.root as unknown as Element, did };
}

test("each tool, size and colour changes the brush; a colour is the pen's", () => {
  const { root, did } = toolbar();
  named(root, "Eraser (E)").click();
  named(root, "Red").click();
  type(named(root, "Brush size"), "40");
  type(named(root, "Another colour"), "#123456");
  for (const name of ["Undo (Ctrl+Z)", "Redo (Ctrl+Shift+Z)", "Clear the drawing"]) named(root, name).click();
  assert.deepEqual(did, [
    { tool: "eraser" },
    { colour: "#e5484d", tool: "pen" },
    { size: 0.04 },
    { colour: "#123456", tool: "pen" },
    "undo",
    "redo",
    "clear",
  ]);
});

test("the brush shows as it is, a colour of the user's own as another one", () => {
  const { toolbar: it, root } = toolbar();
  const pressed = (name: string): string | null => named(root, name).getAttribute("aria-pressed");
  it.show({ tool: "eraser", colour: "#e5484d", size: 0.03 });
  assert.deepEqual(["Pen (B)", "Eraser (E)", "Red", "Black"].map(pressed), ["false", "true", "true", "false"]);
  assert.equal(named(root, "Brush size").value, "30");
  const custom = root.querySelector(".custom")!;
  assert.equal(custom.hasAttribute("data-chosen"), false);
  it.show({ ...PEN, colour: "#123456" });
  assert.deepEqual([custom.hasAttribute("data-chosen"), named(root, "Another colour").value], [true, "#123456"]);
});

test("what cannot be done is said, and keeps the focus that a disabled button would lose", () => {
  const { toolbar: it, root } = toolbar();
  it.enable({ undo: false, redo: true, clear: false });
  const undo = named(root, "Undo (Ctrl+Z)");
  assert.deepEqual([undo.getAttribute("aria-disabled"), undo.disabled], ["true", false]);
  assert.equal(named(root, "Redo (Ctrl+Shift+Z)").getAttribute("aria-disabled"), "false");
});

test("the mask's tools are there where a model has a use for one, and its brush may be larger", () => {
  const { toolbar: it, root, did } = toolbar();
  const group = named(root, "Mask");
  assert.equal(group.hidden, true);
  it.offerMask(true);
  assert.equal(group.hidden, false);
  for (const name of [
    "Mask what is to change (M)",
    "Take away of the mask (N)",
    "Turn the mask round (I)",
    "Clear the mask",
    "Go on with the result",
  ])
    named(root, name).click();
  assert.deepEqual(did, [{ tool: "mask" }, { tool: "unmask" }, "invert", "unmask", "take"]);
  it.show({ ...PEN, tool: "mask", size: 0.2 });
  const pressed = ["Pen (B)", "Mask what is to change (M)", "Take away of the mask (N)", "Black"];
  assert.deepEqual(
    pressed.map((name) => named(root, name).getAttribute("aria-pressed")),
    ["false", "true", "false", "false"],
  );
  const size = named(root, "Brush size");
  assert.deepEqual([size.value, (size as unknown as { max: string }).max], ["200", "200"]);
  it.enable({ undo: true, redo: true, clear: true, unmask: true });
  assert.equal(named(root, "Clear the mask").getAttribute("aria-disabled"), "false");
  assert.equal(named(root, "Go on with the result").getAttribute("aria-disabled"), "true");
});

interface Papery {
  brush: Brush;
  drawingNow: boolean;
  mask: { shown: boolean };
}

function keyboard(): { canvas: Element; cursor: Element; did: unknown[]; keys: Keys; paper: Papery } {
  const did: unknown[] = [];
  const canvas = h("canvas", {}) as unknown as Element;
  Object.assign(canvas, { width: 100, height: 50 });
  const cursor = h("span", { hidden: true }) as unknown as Element;
  const paper = {
    canvas,
    brush: { ...PEN },
    drawingNow: false,
    mask: { shown: false },
    draw: (...at: number[]) => void did.push(at.slice(0, 2)),
    finish: () => void did.push("finish"),
    cancel: () => void did.push("cancel"),
  };
  const keys = new Keys(paper as never, cursor as never, {
    undo: () => did.push("undo"),
    redo: () => did.push("redo"),
    refine: () => did.push("refine"),
    brush: (change) => did.push(change),
    turn: (kind) => did.push(kind),
  });
  return { canvas, cursor, did, keys, paper };
}

test("arrows move a cursor within the paper, by fine steps with Shift; Space draws from there", () => {
  const { canvas, cursor, did } = keyboard();
  key(canvas, "ArrowRight");
  assert.equal(cursor.hidden, false);
  assert.equal(cursor.style["left"], "52%");
  key(canvas, " ");
  key(canvas, " ", { repeat: true });
  key(canvas, "ArrowDown", { shiftKey: true });
  for (let i = 0; i < 60; i++) key(canvas, "ArrowDown");
  assert.deepEqual(
    did.slice(0, 2),
    [
      [0.52, 0.5],
      [0.52, 0.5],
    ],
    "the paper is half as high as wide",
  );
  key(canvas, " ");
  assert.equal(did.at(-1), "finish");
});

test("who leaves the paper, or takes the pen, ends the stroke", () => {
  for (const away of ["blur", "pointerdown"]) {
    const { canvas, cursor, did } = keyboard();
    key(canvas, " ");
    canvas.dispatchEvent(new Happening(away));
    assert.deepEqual([did.at(-1), cursor.hidden], ["finish", true]);
  }
});

test("Escape takes back the stroke under way, or else is the page's", () => {
  const { canvas, did, paper } = keyboard();
  assert.equal(key(canvas, "Escape").defaultPrevented, false);
  paper.drawingNow = true;
  assert.equal(key(canvas, "Escape").defaultPrevented, true);
  assert.deepEqual(did, ["cancel"]);
});

test("tools and sizes by their letters, or by their places where a layout writes others", () => {
  const { canvas, did } = keyboard();
  for (const [letter, code] of [
    ["e", "KeyE"],
    ["и", "KeyB"],
    ["ъ", "BracketRight"],
    ["[", "Digit8"],
    ["e", "KeyD"],
  ] as const)
    assert.equal(key(canvas, letter, { code }).defaultPrevented, true, letter);
  assert.deepEqual(
    did.map((each) => Object.keys(each as object)[0]),
    ["tool", "tool", "size", "size", "tool"],
  );
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isComposing: true }])
    assert.equal(key(canvas, "e", { code: "KeyE", ...more }).defaultPrevented, false);
});

test("the mask has keys while it is there, and its brush grows further", () => {
  const { canvas, did, paper } = keyboard();
  for (const letter of ["m", "n", "i"]) assert.equal(key(canvas, letter).defaultPrevented, false, letter);
  assert.deepEqual(did, []);
  paper.mask.shown = true;
  for (const letter of ["m", "n", "i"]) assert.equal(key(canvas, letter).defaultPrevented, true, letter);
  assert.deepEqual(did.splice(0), [{ tool: "mask" }, { tool: "unmask" }, "invert"]);
  for (const tool of ["pen", "mask"] as const) {
    Object.assign(paper.brush, { tool, size: 0.19 });
    key(canvas, "]");
  }
  assert.deepEqual(did, [{ size: 0.08 }, { size: 0.2 }]);
});

test("shortcuts undo, redo and refine; text fields keep their own undo", () => {
  const { canvas, did, keys } = keyboard();
  const fields = class extends Object.getPrototypeOf(canvas).constructor {};
  Object.assign(globalThis, { HTMLInputElement: fields, HTMLTextAreaElement: class {}, HTMLSelectElement: class {} });
  const press = (target: unknown, of: object): boolean => {
    const event = new Happening("keydown", { key: "z", code: "KeyZ", ctrlKey: true, altKey: false, ...of });
    event.target = target as never;
    keys.shortcut(event as never);
    return event.defaultPrevented;
  };
  assert.equal(press(canvas, {}), true);
  assert.equal(press(canvas, { key: "Z", shiftKey: true }), true);
  assert.equal(press(canvas, { key: "y", code: "KeyY" }), true);
  assert.equal(press(canvas, { key: "Enter", code: "Enter" }), true);
  assert.equal(press(canvas, { ctrlKey: false }), false);
  assert.equal(press(canvas, { altKey: true }), false);
  assert.deepEqual(did, ["undo", "redo", "redo", "refine"]);
  const box = h("div", {}) as unknown as Element;
  const field = new fields() as unknown as Element;
  field.setAttribute("type", "text");
  box.append(canvas, field);
  assert.equal(press(field, {}), false);
  assert.equal(press(field, { key: "Enter" }), true, "but they refine");
  const other = new fields() as unknown as Element;
  other.setAttribute("type", "text");
  assert.equal(press(other, { key: "Enter" }), false, "a field of the page's is its own");
});

test("the sheet invites to draw, and says what a screen reader can do there", () => {
  const canvas = h("canvas", {});
  const sheet = new Sheet(canvas, []);
  const root = sheet.root as unknown as Element;
  sheet.show(false, 0);
  assert.match(canvas.getAttribute("aria-label")!, /^Empty drawing/);
  assert.equal(root.hasAttribute("data-empty"), true);
  sheet.show(true, 3);
  assert.match(canvas.getAttribute("aria-label")!, /^Drawing of 3 strokes\. /);
  sheet.show(true, 3, true);
  assert.match(canvas.getAttribute("aria-label")!, /^Drawing of 3 strokes, partly masked/);
});
