/** The strip, the tools and the keys: what is chosen is told, what is told is shown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { press } from "../../src/camera/keys.ts";
import { Popout } from "../../src/camera/popout.ts";
import { Strip } from "../../src/camera/strip.ts";
import { Styling } from "../../src/camera/styling.ts";
import { Tools } from "../../src/camera/tools.ts";
import type { ModelInfo, Params } from "../../src/client/protocol.ts";
import { fields } from "../../src/ui/schema.ts";
import { Canvas } from "../doubles/canvas.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, named, type } from "../doubles/page.ts";

installPage();
Canvas.install();

const STYLE = { enum: ["night", "pastel", "ink-wash"], default: "night", title: "Style" };
const MIXED = { ...STYLE, "x-mix": { second: "second", share: "share" } };
const NUMBER = { type: "number", minimum: 0, maximum: 1, default: 0 };

function made(style: object = MIXED): { strip: Strip; root: Element; did: Params[]; all: Params } {
  const all: Params = { style: "night", second: "pastel", share: 0 };
  const did: Params[] = [];
  const strip = new Strip({
    change: (params) => {
      did.push(params);
      strip.show(Object.assign(all, params));
    },
    refresh: () => undefined,
  });
  const [field] = fields({ properties: { style } });
  strip.build(field?.kind === "choice" ? field : null);
  strip.show(all);
  return { strip, root: strip.root as unknown as Element, did, all };
}

const taken = (root: Element): (string | null)[] =>
  [...root.querySelectorAll(".tile")].map((tile) =>
    tile.hasAttribute("data-second") ? "second" : tile.getAttribute("aria-checked"),
  );

test("one style is taken, by a press or by arrows", () => {
  const { root, did } = made();
  assert.deepEqual(taken(root), ["true", "false", "false"]);
  named(root, "Pastel").click();
  assert.deepEqual(did, [{ style: "pastel" }]);
  assert.deepEqual(taken(root), ["false", "true", "false"]);
  named(root, "Pastel").dispatchEvent(new Happening("keydown", { bubbles: true, key: "ArrowDown" }));
  assert.deepEqual(did.at(-1), { style: "ink-wash" });
});

test("of two that are mixed the second is chosen by a press, and its share by a slider", () => {
  const { root, did, all } = made();
  const mix = root.querySelector("[role=switch]")! as unknown as HTMLInputElement;
  mix.checked = true;
  (mix as unknown as Element).dispatchEvent(new Happening("change"));
  assert.equal(all["share"], 0.5);
  assert.deepEqual(taken(root), ["true", "second", "false"]);
  named(root, "Ink-wash").click();
  assert.deepEqual(did.at(-1), { second: "ink-wash", share: 0.5 });
  named(root, "Night").click();
  assert.deepEqual(taken(root), ["true", "false", "second"], "the first stays");
  type(named(root, "Share of the second"), "0.25");
  assert.deepEqual(did.at(-1), { share: 0.25 });
  mix.checked = false;
  (mix as unknown as Element).dispatchEvent(new Happening("change"));
  assert.deepEqual([all["share"], taken(root)], [0, ["true", "false", "false"]]);
});

test("a mix that the page asks for is shown; a model whose styles do not mix offers none", () => {
  const { strip, root } = made();
  strip.show({ style: "pastel", second: "night", share: 0.3 });
  assert.deepEqual(taken(root), ["second", "true", "false"]);
  const plain = made(STYLE).root;
  assert.equal(plain.querySelector(".switch")!.hidden, true);
  const none = new Strip({ change: () => undefined, refresh: () => undefined });
  assert.equal((none.root as unknown as Element).hidden, true);
});

test("the params of the strip are nobody else's, and a model without styles has none", () => {
  const styling = new Styling({} as HTMLVideoElement, () => undefined);
  const model = (properties: object): ModelInfo => ({ params_schema: { properties }, inputs: [] }) as never;
  styling.adopt(model({ style: MIXED, second: STYLE, share: NUMBER, strength: NUMBER }));
  assert.deepEqual(styling.params, ["style", "second", "share"]);
  styling.live();
  styling.stop();
  styling.adopt(model({ style: { enum: ["one"] } }));
  assert.deepEqual(styling.params, []);
});

test("a late picture of a source that is gone asks for no previews; those of the next one are made", async (t) => {
  let asked = 0;
  t.mock.method(globalThis, "fetch", async () => {
    asked += 1;
    return new Response("", { status: 503 });
  });
  const video = { videoWidth: 0, videoHeight: 0 };
  const styling = new Styling(video as HTMLVideoElement, () => undefined);
  styling.connection = { url: "http://127.0.0.1:7860" } as never;
  const inputs = [{ kind: "image", name: "picture" }];
  styling.adopt({ id: "restyle", params_schema: { properties: { style: STYLE } }, inputs } as never);
  styling.stop(); // another source is asked for
  styling.live(); // and the server still sends what it made of the last
  Object.assign(video, { videoWidth: 640, videoHeight: 360 });
  styling.live();
  styling.live();
  for (let i = 0; i < 20 && !asked; i++) await new Promise((done) => setImmediate(done));
  assert.equal(asked, 1);
});

function tools(): { tools: Tools; root: Element; did: unknown[] } {
  const did: unknown[] = [];
  const note =
    (name: string) =>
    (...how: unknown[]): void =>
      void did.push([name, ...how]);
  const all = new Tools({
    look: note("look"),
    snapshot: note("snapshot"),
    record: note("record"),
    sound: note("sound"),
    popout: note("popout"),
    expand: note("expand"),
  });
  return { tools: all, root: all.root as unknown as Element, did };
}

test("tools say what is wanted, and offer what there is a use for", () => {
  const { tools: all, root, did } = tools();
  all.offer(true, true, true);
  all.painted(true);
  named(root, "Split").click();
  for (const name of ["Save this picture (S)", "Record with sound", "Full screen (F)"]) named(root, name).click();
  assert.deepEqual(did, [["look", "split"], ["snapshot"], ["sound", false], ["expand"]]);
  assert.equal(all.after("result"), "beside");
  all.records(true);
  assert.ok(named(root, "Stop recording"));
  all.offer(false, false, false);
  assert.equal(all.after("result"), "result", "nothing is sent");
  assert.equal(named(root, "Full screen (F)").hidden, true);
  all.painted(false);
  assert.equal((named(root, "Save this picture (S)") as unknown as HTMLButtonElement).disabled, true);
});

test("a key does what it stands for, but not while somebody types, nor with Ctrl", () => {
  const did: string[] = [];
  const key = (about: object, target: unknown = {}): void => {
    const event = new Happening("keydown", { key: "M", composedPath: () => [target], ...about });
    press(event as unknown as KeyboardEvent, { m: () => did.push("m") });
  };
  Object.assign(globalThis, {
    HTMLInputElement: class {
      type = "text";
    },
    HTMLTextAreaElement: class {},
    HTMLSelectElement: class {},
  });
  key({});
  key({ ctrlKey: true });
  key({ key: "x" });
  key({}, new HTMLInputElement());
  key({}, new HTMLSelectElement());
  assert.deepEqual(did, ["m"]);
});

test("the window shows the picture as it is painted, and is told to be gone; a blocked one is an error", () => {
  let changes = 0;
  const drawn: unknown[] = [];
  const canvas = { width: 0, height: 0, style: {}, getContext: () => ({ drawImage: (of: unknown) => drawn.push(of) }) };
  let hidden = (): void => undefined;
  const opened = {
    document: { createElement: () => canvas, documentElement: { style: {} }, body: { style: {}, append: () => 0 } },
    addEventListener: (_: string, listener: () => void) => (hidden = listener),
    close: () => hidden(),
  };
  const picture = { width: 64, height: 36 } as HTMLCanvasElement;
  const popout = new Popout(picture, () => (changes += 1));
  Object.assign(window, { open: () => null });
  assert.throws(() => popout.show(), { code: "popup_blocked" });
  Object.assign(window, { open: () => opened });
  popout.show();
  popout.paint();
  assert.deepEqual([popout.open, canvas.width, drawn.length, changes], [true, 64, 2, 1]);
  popout.close();
  popout.paint();
  assert.deepEqual([popout.open, drawn.length, changes], [false, 2, 2]);
});
