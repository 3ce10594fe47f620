/** Whose wish a param is: the model's default, the page's, the user's; and what a refusal leaves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Settings } from "../../src/ui/settings.ts";

const SCHEMA = {
  properties: {
    prompt: { type: "string" },
    seed: { type: "integer" },
    style: { enum: ["flat", "ink"] },
  },
};

function opened(): Settings {
  const settings = new Settings();
  settings.opened(SCHEMA, { prompt: "", seed: 42, style: "flat" }, false);
  return settings;
}

test("the user's choice goes before the page's wish, that before the default", () => {
  const settings = opened();
  settings.attribute("seed", 7);
  assert.deepEqual(settings.all, { prompt: "", seed: 7, style: "flat" });
  settings.choose({ seed: 8 });
  assert.equal(settings.all["seed"], 8);
  settings.attribute("seed", 9); // the page changes its mind after the user
  assert.equal(settings.all["seed"], 9);
  settings.attribute("seed", null);
  assert.equal(settings.all["seed"], 42);
});

test("nothing goes to a server that its model does not know", () => {
  const settings = opened();
  settings.choose({ prompt: "fox", glow: 1 });
  assert.deepEqual(settings.toSend, { prompt: "fox" });
  assert.deepEqual(settings.choices("style"), ["flat", "ink"]);
  assert.deepEqual(settings.choices("seed"), []);
});

test("a resumed session keeps the defaults of the first", () => {
  const settings = opened();
  settings.opened(SCHEMA, { prompt: "in force", seed: 1, style: "ink" }, true);
  assert.equal(settings.all["prompt"], "");
});

test("a refused value falls back to the one in force", () => {
  const settings = opened();
  settings.choose({ seed: 5 });
  settings.choose({ seed: -5 });
  settings.refuse({ seed: -5 }, { seed: 5 });
  assert.equal(settings.all["seed"], 5);
  settings.attribute("style", "none");
  settings.refuse({ style: "none" }, {});
  assert.equal(settings.all["style"], "flat");
});

test("a reset names what changed by it, with the values of before the user", () => {
  const settings = opened();
  settings.attribute("prompt", "a fox");
  settings.choose({ prompt: "mine", seed: 3 });
  assert.deepEqual(settings.reset(), { prompt: "a fox", seed: 42 });
  assert.deepEqual(settings.reset(), {});
});

test("what was kept comes back unless the page asks for something else by now", () => {
  const settings = opened();
  settings.attribute("prompt", "a hare");
  settings.restore({ prompt: "mine", seed: 3 }, { prompt: "a fox" });
  assert.deepEqual(settings.all, { prompt: "a hare", seed: 3, style: "flat" });
});

test("what the attribute params says no more is asked for no longer", () => {
  const settings = opened();
  settings.declare({ seed: 7, style: "ink" });
  settings.choose({ prompt: "a fox" });
  assert.deepEqual(settings.toSend, { seed: 7, style: "ink", prompt: "a fox" });
  settings.declare({ seed: 8 });
  assert.deepEqual(settings.all, { prompt: "a fox", seed: 8, style: "flat" });
  settings.declare({});
  assert.deepEqual(settings.toSend, { prompt: "a fox" });
});

test("a LoRA that is gone is wanted by nobody", () => {
  const settings = new Settings();
  settings.attribute("loras", { wood: 1 });
  settings.keepLoras(["night"]);
  assert.deepEqual(settings.all["loras"], {});
  settings.choose({ loras: { wood: 1, night: 0.5 } });
  settings.keepLoras(["night"]);
  assert.deepEqual(settings.all["loras"], { night: 0.5 });
});

test("another model of the session has defaults of its own, and hears of what it did not take over", () => {
  const settings = opened();
  settings.attribute("loras", { wood: 1 });
  settings.choose({ prompt: "fox", seed: 7, glow: 1 });
  const properties = { prompt: { default: "" }, glow: { default: 0 }, grain: { default: 3 }, seen: {} };
  settings.switched({ params_schema: { properties } } as never, { prompt: "fox", glow: 0, grain: 5, seen: 2 });
  assert.deepEqual(settings.missing({ prompt: "fox", glow: 0, grain: 5 }), { glow: 1 });
  assert.deepEqual(settings.all["loras"], { wood: 1 }, "it has none, so it is asked for none");
  assert.deepEqual(settings.reset(), { prompt: "", glow: 0 });
  assert.deepEqual([settings.all["grain"], settings.all["seen"]], [3, 2]);
  const loras = [{ name: "night" }];
  settings.switched({ params_schema: { properties: { loras: { default: {} } } }, loras } as never, { loras: {} });
  assert.deepEqual(settings.missing({ loras: {} }), {});
});
