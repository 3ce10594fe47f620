/** The controls beside the picture: what they ask for, when they are offered, and in which words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Params } from "../../src/client/protocol.ts";
import { Adjust } from "../../src/tryon/adjust.ts";
import { Finishing } from "../../src/tryon/finishing.ts";
import { Sheet } from "../../src/tryon/sheet.ts";
import { Tools } from "../../src/tryon/tools.ts";
import { Views } from "../../src/tryon/views.ts";
import { en } from "../../src/tryon/words/en.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import { Texts } from "../../src/tryon/words/texts.ts";
import { Compare } from "../../src/ui/compare.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage, named, type } from "../doubles/page.ts";

installPage();
const el = (root: unknown): Element => root as Element;

test("fit and sleeves ask for params, and show those in force in any language", () => {
  const asked: Params[] = [];
  const texts = new Texts();
  const adjust = new Adjust(texts, (params) => asked.push(params));
  const root = el(adjust.root);
  type(named(root, en.adjust.fit), "-0.5");
  named(root, en.adjust.long).click();
  assert.deepEqual(asked, [{ fit: -0.5 }, { sleeves: "long" }]);
  adjust.show({ fit: 0.25, sleeves: "short", category: "upper" });
  texts.use(tableOf("ar"));
  const { adjust: ar } = tableOf("ar");
  assert.equal(named(root, ar.fit).value, "0.25");
  assert.equal(named(root, ar.short).getAttribute("aria-checked"), "true");
});

test("sleeves are not asked of trousers, and what it is only where the shop did not say", () => {
  const texts = new Texts();
  const adjust = new Adjust(texts, () => undefined);
  const [, sleeves, kinds] = el(adjust.root).children;
  assert.deepEqual([sleeves!.hidden, kinds!.hidden], [false, true]);
  adjust.show({ fit: 0, sleeves: "auto", category: "lower" });
  adjust.ask(true);
  assert.deepEqual([sleeves!.hidden, kinds!.hidden], [true, false]);
});

test("a tool is taken up and put down, and offers what it needs", () => {
  const did: unknown[] = [];
  const note =
    (name: string) =>
    (...how: unknown[]): void =>
      void did.push([name, ...how]);
  const events = { use: note("use"), erase: note("erase"), size: note("size"), undo: note("undo") };
  const texts = new Texts();
  const tools = new Tools(texts, { ...events, automatic: note("automatic") });
  const root = el(tools.root);
  const all = { brush: true, points: true, joints: true, people: false };
  tools.show("none", all, false);
  assert.ok(named(root, en.people.label).hidden);
  assert.ok(root.querySelector(".options")!.hidden);
  did.length = 0;
  named(root, en.brush.label).click();
  tools.show("brush", all, true);
  assert.equal(root.querySelector(".how")!.textContent, en.brush.hint);
  named(root, en.brush.erase).click();
  type(named(root, en.brush.size), "0.2");
  for (const name of [en.adjust.undo, en.brush.automatic, en.brush.label, en.adjust.done]) named(root, name).click();
  assert.deepEqual(did, [
    ["use", "brush"],
    ["erase", true],
    ["size", 0.2],
    ["undo"],
    ["automatic"],
    ["use", "none"],
    ["use", "none"],
  ]);
  tools.show("people", { brush: false, points: false, joints: false, people: true }, false);
  assert.ok(named(root, en.brush.automatic).hidden);
  assert.ok(root.querySelector(".how")!.hidden);
  tools.show("none", { brush: false, points: false, joints: false, people: false }, false);
  assert.ok(root.hidden);
  texts.use(tableOf("de"));
  assert.ok(named(root, tableOf("de").brush.add));
});

test("it is looked at in one of four ways, once there is something to see", () => {
  const looked: string[] = [];
  const texts = new Texts();
  const views = new Views(texts, (view) => looked.push(view));
  const root = el(views.root);
  assert.ok(root.hidden);
  views.allow(true);
  named(root, en.view.compare).click();
  texts.use(tableOf("de"));
  assert.equal(named(root, tableOf("de").view.compare).getAttribute("aria-checked"), "true", "it stays chosen");
  views.show("mask");
  assert.equal(named(root, tableOf("de").view.mask).getAttribute("aria-checked"), "true");
  assert.deepEqual([looked, root.hidden], [["compare"], false]);
});

test("to finish and to save needs something worn, to be forgotten a photo", () => {
  const did: unknown[] = [];
  const texts = new Texts();
  const finishing = new Finishing(texts, {
    finish: () => did.push("finish"),
    save: (kind) => did.push(kind),
    forget: () => did.push("forget"),
  });
  const root = el(finishing.root);
  const names = [en.actions.finish, "Save as PNG", "Save as JPEG", en.actions.forget];
  const offered = (): boolean[] => names.map((name) => !named(root, name).disabled);
  finishing.show(false, false, false);
  assert.deepEqual(offered(), [false, false, false, false]);
  finishing.show(false, true, false);
  assert.deepEqual(offered(), [false, false, false, true]);
  finishing.show(true, true, true);
  assert.deepEqual(offered(), [false, true, true, true], "one is being finished");
  for (const name of names) named(root, name).click();
  assert.deepEqual(did, ["finish", "png", "jpeg", "forget"]);
});

test("the slider tells where it divides, to eyes and to a screen reader", () => {
  const parts: number[] = [];
  const compare = new Compare(
    (percent) => `${percent} % of the picture before`,
    (part) => parts.push(part),
  );
  const slider = (compare.root as unknown as Element).querySelector("input")!;
  compare.show();
  assert.equal(slider.getAttribute("aria-valuetext"), "50 % of the picture before");
  type(slider, "80");
  assert.equal(parts.at(-1), 0.8);
  assert.equal(slider.getAttribute("aria-valuetext"), "80 % of the picture before");
  compare.reset();
  assert.equal(parts.at(-1), 0.5);
});

test("of the sheet's parts one is open, and pressed again none", () => {
  const content = (): HTMLElement[] => [document.createElement("p")];
  const texts = new Texts();
  const sheet = new Sheet(texts, {
    garments: { icon: "open", name: ({ catalogue }) => catalogue.label, content: content() },
    adjust: { icon: "more", name: ({ adjust }) => adjust.label, content: content() },
    save: { icon: "download", name: ({ actions }) => actions.label, content: content() },
  });
  const root = el(sheet.root);
  const tabs = (): (string | null)[] => root.querySelectorAll(".tab").map((each) => each.getAttribute("aria-expanded"));
  assert.deepEqual([root.dataset["open"], tabs()], ["garments", ["true", "false", "false"]]);
  root.querySelectorAll(".tab")[1]!.click();
  assert.deepEqual([root.dataset["open"], tabs()], ["adjust", ["false", "true", "false"]]);
  root.querySelectorAll(".tab")[1]!.click();
  assert.equal(root.dataset["open"], "");
  assert.deepEqual(
    root.querySelectorAll(".part").map((each) => each.getAttribute("aria-label")),
    [en.catalogue.label, en.adjust.label, en.actions.label],
  );
});
