/** The panel of a model's params: which fields where, what each changes, and what a refine may do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelInfo, Params } from "../../src/client/protocol.ts";
import { ParamPanel } from "../../src/ui/params.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage, key, named, type } from "../doubles/page.ts";

installPage();

const MODEL = {
  id: "m",
  max_steps: 4,
  inputs: [],
  loras: [
    { name: "wood", title: "Wood", description: "As if cut." },
    { name: "ice", title: "Ice" },
    { name: "oil", title: "Oil" },
  ],
  params_schema: {
    properties: {
      prompt: { type: "string" },
      seed: { type: "integer", minimum: 0, maximum: 4294967295 },
      style: { enum: ["flat", "ink"] },
      strength: { type: "number", minimum: 0, maximum: 1 },
      steps: { type: "integer", minimum: 1, maximum: 50, "x-reach": "refined" },
      outline: { type: "boolean", "x-reach": "coloured" },
      palette: { type: "array", items: { type: "string", pattern: "^#[0-9a-fA-F]{6}$" }, maxItems: 3 },
      loras: { type: "object", additionalProperties: { type: "number", maximum: 1.5 }, maxProperties: 2 },
    },
  },
} as unknown as ModelInfo;

function made(refine = true): { params: ParamPanel; changed: Params[]; told: string[]; root: Element } {
  const changed: Params[] = [];
  const told: string[] = [];
  const params = new ParamPanel({
    input: () => told.push("input"),
    changed: (each) => changed.push(each),
    noted: () => told.push("noted"),
    result: () => null,
    failed: (error) => told.push(String(error)),
    ...(refine ? { refine: () => void told.push("refine") } : {}),
  });
  params.settings.opened(MODEL.params_schema, { prompt: "", seed: 1, style: "flat" }, false);
  const root = params.block() as unknown as Element;
  params.build(MODEL);
  return { params, changed, told, root };
}

test("each param has its place: in the row, under More, or with what is refined", () => {
  const { params } = made();
  const { tune, more } = params.panel as unknown as { tune: Element; more: Element };
  const names = (root: Element): string[] => root.querySelectorAll(".name").map((each) => each.textContent);
  assert.deepEqual(names(tune), ["Style", "Strength", "Seed", "Palette"]);
  assert.deepEqual(names(more), [
    "Outline",
    "LoRAs",
    "Wood",
    "Weight of Wood",
    "Ice",
    "Weight of Ice",
    "Oil",
    "Weight of Oil",
    "When refined",
    "Steps",
  ]);
  assert.equal(named(more, "Steps").getAttribute("max"), "4", "no more than the model takes");
});

test("a model without params shows none; without LoRAs no list of them", () => {
  const { params, root } = made(false);
  params.build({ ...MODEL, loras: [], params_schema: {} } as unknown as ModelInfo);
  assert.equal(root.hidden, true);
  params.build({ ...MODEL, loras: [] } as unknown as ModelInfo);
  assert.equal(root.hidden, false);
  assert.equal(root.querySelector(".loras"), null);
});

test("More opens and closes, and says so", () => {
  const { params, root } = made();
  const opener = named(root, "More");
  for (const open of [true, false]) {
    opener.click();
    assert.equal(opener.getAttribute("aria-expanded"), String(open));
    assert.equal((params.panel.more as unknown as Element).hidden, !open);
  }
});

test("what the user changes is told with its key; the page's own change is not told back", () => {
  const { params, changed, told, root } = made();
  type(named(root, "Prompt"), "a fox");
  named(root, "Ink").click();
  assert.deepEqual(changed, [{ prompt: "a fox" }, { style: "ink" }]);
  assert.deepEqual(told, ["input", "input"]);
  params.choose({ strength: 0.25 });
  assert.deepEqual(told.length, 2);
  assert.equal(named(root, "Strength").value, "0.25");
});

test("Enter in the prompt refines; while a word is composed, or with Ctrl, it does not", () => {
  const { told, root } = made();
  const prompt = named(root, "Prompt");
  key(prompt, "Enter", { isComposing: true });
  key(prompt, "Enter", { ctrlKey: true });
  key(prompt, "a");
  assert.deepEqual(told, []);
  assert.equal(key(prompt, "Enter").defaultPrevented, true);
  assert.deepEqual(told, ["refine"]);
});

test("the button says why a refine is of no use, and that one runs", () => {
  const { params, root } = made();
  const refine = root.querySelector(".primary")!;
  params.panel.allow("Draw something first", false, false, false);
  assert.deepEqual([refine.getAttribute("aria-disabled"), refine.title], ["true", "Draw something first"]);
  params.panel.allow("", true, true, true);
  assert.deepEqual([refine.getAttribute("aria-disabled"), refine.hasAttribute("data-busy")], ["true", true]);
  params.panel.allow("", false, true, true);
  assert.equal(refine.getAttribute("aria-disabled"), "false");
});

test("what only coloured drawings have is shown for those alone", () => {
  const { params, root } = made();
  const outline = root.querySelectorAll(".switch").find((each) => each.textContent === "Outline")!;
  params.panel.allow("", false, true, false);
  assert.equal(outline.hidden, true);
  params.panel.allow("", false, true, true);
  assert.equal(outline.hidden, false);
});

test("LoRAs are a map of those that are on; the rest can be had only while there is room", () => {
  const { changed, root } = made();
  const rows = root.querySelectorAll(".lora");
  const turn = (i: number, on: boolean): void => {
    const input = rows[i]!.querySelector("input")!;
    input.checked = on;
    type(input, "", "change");
  };
  turn(0, true);
  turn(1, true);
  assert.deepEqual(changed.at(-1), { loras: { wood: 1, ice: 1 } });
  assert.ok(
    rows[2]!.querySelectorAll("input").every((each) => each.disabled),
    "two are the most",
  );
  type(named(rows[0], "Weight of Wood"), "1.25");
  assert.deepEqual(changed.at(-1), { loras: { wood: 1.25, ice: 1 } });
  turn(1, false);
  assert.deepEqual(changed.at(-1), { loras: { wood: 1.25 } });
  assert.ok(!rows[2]!.querySelectorAll("input").some((each) => each.disabled));
});

test("a note offers what the server knows instead; a new prompt takes it away", () => {
  const { params, changed, told, root } = made();
  const notes = root.querySelector(".notes")!;
  params.note([{ code: "unknown", message: "'foks' is unknown.", param: "prompt", choices: ["fox"] }]);
  assert.equal(notes.hidden, false);
  named(notes, "fox").click();
  assert.deepEqual(changed.at(-1), { prompt: "fox" });
  assert.equal(told.at(-1), "noted");
  assert.equal(notes.hidden, true);
});

test("a seed is a whole number in its range; dice roll another, a lock keeps it", () => {
  const { params, changed, root } = made();
  const seed = named(root, "Seed");
  for (const bad of ["-1", "1.5", "", "4294967296"]) type(seed, bad);
  assert.deepEqual(changed, []);
  type(seed, "7");
  assert.deepEqual(changed, [{ seed: 7 }]);
  named(root, "Roll another seed").click();
  const rolled = changed.at(-1)!["seed"] as number;
  assert.ok(Number.isInteger(rolled) && rolled >= 0 && rolled < 1_000_000);
  assert.equal(seed.value, String(rolled));
  const lock = named(root, "Lock the seed");
  lock.click();
  assert.deepEqual([params.panel.seed.locked, lock.getAttribute("aria-pressed")], [true, "true"]);
});

test("colours are added, edited, moved and taken out; none leaves them to the model", () => {
  const { params, changed, root } = made();
  const colours = (): unknown => changed.at(-1)!["palette"];
  const palette = root.querySelector(".palette")!;
  const add = named(palette, "Add a colour");
  for (let i = 0; i < 3; i++) add.click();
  assert.equal(add.hidden, true, "three are the most");
  assert.deepEqual(colours(), ["#e5484d", "#f6c744", "#3f9f56"]);
  const text = named(palette, "Colour as #rrggbb");
  type(text, "no colour");
  type(text, "#FfF");
  assert.deepEqual(colours(), ["#e5484d", "#f6c744", "#ffffff"]);
  named(palette, "Move towards the main colour").click();
  assert.deepEqual(colours(), ["#e5484d", "#ffffff", "#f6c744"]);
  const hues = palette.querySelectorAll(".hue");
  key(hues[0]!, "ArrowRight", { shiftKey: true });
  assert.deepEqual(colours(), ["#ffffff", "#e5484d", "#f6c744"]);
  key(hues[1]!, "Delete");
  assert.deepEqual(colours(), ["#ffffff", "#f6c744"]);
  params.choose({ palette: ["#000000", 5] });
  assert.match(hues[0]!.getAttribute("aria-label")!, /1 of 1, the main one: #000000/);
  named(palette, "Clear the palette: the model chooses").click();
  assert.deepEqual(colours(), []);
  assert.equal(palette.querySelector(".auto")!.hidden, false);
});

test("Escape and Enter close the fields of a colour, a second press on it, too", () => {
  const { root } = made();
  const palette = root.querySelector(".palette")!;
  named(palette, "Add a colour").click();
  const editor = palette.querySelector(".editor")!;
  const [hue] = palette.querySelectorAll(".hue");
  for (const shut of [
    () => key(named(editor, "Colour"), "Escape", { target: editor }),
    () => key(named(editor, "Colour as #rrggbb"), "Enter"),
    () => hue!.click(),
  ]) {
    if (editor.hidden) hue!.click();
    assert.equal(editor.hidden, false);
    shut();
    assert.equal(editor.hidden, true);
  }
});
