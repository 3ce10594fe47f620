/** What lies around the paper: examples, kept pictures, the layout, the form, and strokes that play themselves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stroke } from "../../src/sketch/drawing.ts";
import { Examples, readExamples } from "../../src/sketch/examples.ts";
import { FormField } from "../../src/sketch/form.ts";
import { History } from "../../src/sketch/history.ts";
import { Incoming } from "../../src/sketch/incoming.ts";
import { Player } from "../../src/sketch/player.ts";
import { reading } from "../../src/sketch/reading.ts";
import { View } from "../../src/sketch/view.ts";
import { h } from "../../src/ui/dom.ts";
import { Settings } from "../../src/ui/settings.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, key, named } from "../doubles/page.ts";

installPage();
const canvas = { getContext: () => null };
const create = document.createElement.bind(document);
document.createElement = ((tag: string) => Object.assign(create(tag), tag === "canvas" ? canvas : {})) as never;

const LINE = {
  points: [
    [0, 0],
    [1, 0],
  ],
};
const as = (element: unknown): Element => element as Element;

test("examples are read whole or refused; the name stands in for a prompt", () => {
  const [read] = readExamples([{ name: "hill", strokes: [LINE], style: "ink" }]);
  assert.deepEqual([read!.name, read!.prompt, read!.style, read!.strokes.length], ["hill", "hill", "ink", 1]);
  for (const bad of [{}, null, [null], [{ name: "x", strokes: "no" }]])
    assert.throws(() => readExamples(bad), { code: "invalid_drawing" });
});

test("an example is begun with by a press; a surprise is another one each time", () => {
  const used: unknown[] = [];
  const examples = new Examples((example, surprise) => used.push([example.name, surprise]));
  const root = as(examples.root);
  assert.equal(root.hidden, true);
  examples.any();
  assert.deepEqual(used, []);
  examples.show(readExamples(["a", "b"].map((name) => ({ name, strokes: [LINE] }))));
  assert.equal(root.hidden, false);
  named(root, "Draw b").click();
  for (let i = 0; i < 6; i++) named(root, "Surprise me").click();
  const [first, ...surprises] = used as [string, boolean][];
  assert.deepEqual(first, ["b", false]);
  surprises.slice(1).forEach(([name], i) => assert.notEqual(name, surprises[i]![0]));
  examples.show(readExamples([{ name: "only", strokes: [LINE] }]));
  examples.any();
  examples.any();
  assert.deepEqual(used.at(-1), ["only", true], "one alone is that one again");
});

test("kept pictures are the newest 24, bring themselves back, and free their addresses", (t) => {
  let next = 0;
  const live = new Set<string>();
  t.mock.method(URL, "createObjectURL", () => {
    live.add(`blob:${++next}`);
    return `blob:${next}`;
  });
  t.mock.method(URL, "revokeObjectURL", (address: string) => live.delete(address));
  const back: unknown[] = [];
  const history = new History(
    (entry) => back.push(entry.params["prompt"]),
    () => back.push("keep"),
    () => back.push("save"),
  );
  const root = as(history.root);
  history.open("a key");
  assert.equal(root.hasAttribute("data-empty"), true);
  for (let i = 0; i < 30; i++)
    history.add({
      image: new Blob(),
      params: { prompt: `no. ${i}`, seed: i },
      model: "ink",
      operations: [],
      base: null,
    });
  const kept = root.querySelector(".kept")!.querySelectorAll("button");
  assert.deepEqual([kept.length, live.size], [24, 24]);
  assert.equal(kept[0]!.getAttribute("aria-label"), "Bring back: no. 29, seed 29, made by ink");
  kept[0]!.click();
  named(root, "Keep this picture").click();
  named(root, "Download as PNG with its recipe").click();
  assert.deepEqual(back, ["no. 29", "keep", "save"]);
  history.allow(true, false);
  assert.deepEqual(
    [named(root, "Keep this picture").disabled, named(root, "Download as PNG with its recipe").disabled],
    [false, true],
  );
  history.close();
  assert.equal(live.size, 0);
  const again = new History(
    () => undefined,
    () => undefined,
    () => undefined,
  );
  again.open("a key");
  assert.equal(as(again.root).querySelectorAll("img").length, 24, "a component that comes back has them still");
  again.close();
});

test("a narrow element lays the result over the drawing, unless it is asked for otherwise", () => {
  const rested: boolean[] = [];
  const view = new View((on) => rested.push(on));
  const root = as(view.root);
  const element = as(h("div"));
  element["clientWidth"] = 400;
  view.attach(element as never);
  const mix = root.querySelector(".slider")!;
  assert.deepEqual([element.dataset["layout"], mix.hidden], ["over", false]);
  named(root, "Result beside the drawing").click();
  assert.deepEqual([element.dataset["layout"], mix.hidden], ["beside", true]);
  named(root, "Result over the drawing").click();
  view.ask(null);
  element["clientWidth"] = 900;
  view.ask(null);
  assert.equal(element.dataset["layout"], "beside");
  view.refineOnRest(true);
  assert.deepEqual(rested, [true]);
  assert.equal(element.style.getPropertyValue("--mix"), "0.7");
});

test("a form gets what is on the paper when it asks, under the element's name", () => {
  const host = as(h("div"));
  const said: unknown[] = [];
  const internals = { setValidity: (...how: unknown[]) => said.push(how) };
  const blob = new Blob(["i"]);
  const shot: ReturnType<ConstructorParameters<typeof FormField>[3]> = {
    ...{ image: blob, sketch: blob, mask: null, params: { seed: 1 }, model: "ink", empty: false },
  };
  const field = new FormField(host as never, internals as never, host as never, () => shot);
  const form = as(h("form"));
  field.join(form as never);
  const ask = (): string[] => {
    const names: string[] = [];
    form.dispatchEvent(new Happening("formdata", { formData: { append: (name: string) => names.push(name) } }));
    return names;
  };
  assert.deepEqual(ask(), [], "without a name it sends nothing");
  host.setAttribute("name", "art");
  assert.deepEqual(ask(), ["art_sketch", "art_image", "art_params"]);
  shot.mask = blob;
  assert.deepEqual(ask(), ["art_sketch", "art_mask", "art_image", "art_params"]);
  shot.mask = null;
  shot.empty = true;
  assert.deepEqual(ask(), ["art_image", "art_params"]);
  field.disable(true);
  assert.deepEqual(ask(), []);
  field.disable(false);
  field.join(null);
  assert.deepEqual(ask(), []);
  field.check(false);
  host.setAttribute("required", "");
  field.check(false);
  field.check(true);
  assert.deepEqual(
    said.map((each) => (each as object[])[0]),
    [{}, { valueMissing: true }, {}],
  );
  key(host, "x");
});

/** A paper that remembers what was drawn on it. */
function paper(): {
  points: number[];
  finished: number;
  grow(stroke: Stroke, points: readonly number[]): void;
  finish(): void;
} {
  return {
    points: [],
    finished: 0,
    grow(_, points) {
      this.points.push(...points);
    },
    finish() {
      this.finished += 1;
    },
  };
}

const strokes = (count: number): Stroke[] =>
  Array.from({ length: count }, () => ({
    kind: "stroke",
    tool: "pen",
    colour: "#000000",
    size: 0.01,
    points: Array.from({ length: 60 }, (_, i) => i / 60),
  }));

test("strokes play themselves in time, point by point, and end as they were given", (t) => {
  let frames: ((now: number) => void)[] = [];
  t.mock.method(globalThis, "requestAnimationFrame", (run: (now: number) => void) => frames.push(run));
  t.mock.method(performance, "now", () => 0);
  const sheet = paper();
  const player = new Player(sheet as never);
  player.play(strokes(2));
  assert.equal(player.playing, true);
  let now = 0;
  const counts = [];
  while (frames.length && now < 5000) {
    now += 16;
    for (const run of frames.splice(0)) run(now);
    counts.push(sheet.points.length);
  }
  assert.deepEqual(
    [sheet.points, sheet.finished, player.playing],
    [strokes(2).flatMap((each) => each.points), 2, false],
  );
  assert.ok(counts.length > 3, "not all at once");
  frames = [];
});

test("the user's hand ends the play at once; who wants no motion, or looks away, sees none", (t) => {
  const frames: unknown[] = [];
  t.mock.method(globalThis, "requestAnimationFrame", (run: unknown) => frames.push(run));
  const sheet = paper();
  const player = new Player(sheet as never);
  player.play(strokes(3));
  player.finish();
  assert.deepEqual([sheet.finished, player.playing], [3, false]);
  t.mock.method(globalThis, "matchMedia", () => ({ matches: true }));
  player.play(strokes(1));
  assert.deepEqual([sheet.finished, frames.length], [4, 1]);
});

test("what comes in is laid on the paper with the params that the model knows", async () => {
  const changed: unknown[] = [];
  const did: unknown[] = [];
  const settings = new Settings();
  settings.opened({ properties: { prompt: {}, style: { enum: ["flat", "ink"] }, palette: {} } }, {}, false);
  const player = { finish: () => did.push("finish"), play: (all: unknown[]) => did.push(all.length) };
  const sheet = {
    clear: () => did.push("clear"),
    replace: async (operations: unknown[]) => void did.push(operations),
    canvas: { focus: () => did.push("focus") },
  };
  const incoming = new Incoming({
    paper: sheet as never,
    player: player as never,
    settings,
    change: (params) => changed.push(params),
  });
  const [example] = readExamples([{ name: "hill", prompt: "a hill", style: "ink", strokes: [LINE] }]);
  incoming.begin(example!, false);
  assert.deepEqual([did, changed], [["finish", "clear", 1, "focus"], [{ prompt: "a hill", style: "ink" }]]);
  incoming.begin({ ...example!, style: "unknown" }, false);
  assert.deepEqual(changed.at(-1), { prompt: "a hill" });
  settings.choose({ palette: ["#000000"] });
  incoming.begin({ name: "hill", prompt: "a hill", strokes: [] }, true);
  const { style, ...rest } = changed.at(-1) as Record<string, unknown>;
  assert.ok(["flat", "ink"].includes(style as string));
  assert.deepEqual(rest, { prompt: "a hill", palette: [] }, "its own colours count");
  await incoming.bringBack({ operations: [{ kind: "clear" }], base: null, params: { prompt: "old", unknown: 1 } });
  assert.deepEqual([did.at(-1), changed.at(-1)], [[{ kind: "clear" }], { prompt: "old" }]);
});

test("the line at the foot of a drawing names what limits it, in words", () => {
  const stats = {
    fps: 20,
    penToPixelMs: 40,
    modelMs: 20,
    encodeMs: 3,
    networkMs: 8,
    serverMs: 24,
    queueMs: 1,
    browserMs: 5,
    dropped: 7,
    limiting: "queue" as const,
  };
  const read = reading(stats);
  assert.deepEqual(
    [read.limit, read.counts, read.stages.map(([kind]) => kind)],
    ["others' turns", [["Superseded drafts", "7"]], ["encode", "network", "queue", "model", "browser"]],
  );
});
