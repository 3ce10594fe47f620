/** What a session asks for at the beginning. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, OPENED, start } from "./stand_ins.ts";

test("another model for final pictures is asked for at the beginning, and by nobody who wants none", async () => {
  for (const refineModel of ["large", undefined]) {
    const browser = new Browser();
    start(browser, {}, undefined, refineModel ? { refineModel } : {});
    await browser.pass();
    browser.latest.accept();
    const [open = {}] = browser.latest.take();
    assert.deepEqual(
      [open["refine_model"], open["features"]],
      refineModel ? ["large", ["models"]] : [undefined, undefined],
    );
  }
});

test("how far models are is heard by who asks for it, and is no answer that is waited for", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { loading: true });
  const heard: unknown[] = [];
  session.on("loading", ({ message, done }) => heard.push([message, done]));
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take()[0]?.["features"], ["loading"]);
  const told = { type: "loading", model: "ink", title: "Ink", state: "loading", total: 4, unit: "parts" };
  browser.latest.say({ ...told, done: 1, message: "Loading Ink, 25 %" });
  browser.latest.say({ ...told, done: 2, message: "Loading Ink, 50 %" });
  await browser.pass();
  assert.deepEqual(heard, [
    ["Loading Ink, 25 %", 1],
    ["Loading Ink, 50 %", 2],
  ]);
  assert.equal(session.state, "connecting");
  browser.latest.say(OPENED);
  await browser.pass();
  assert.equal(session.state, "open");
});

test("LoRAs that come and go are heard of by who asks for it", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { loras: true });
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take()[0]?.["features"], ["loras"]);
  browser.latest.say(OPENED);
  const heard: unknown[] = [];
  session.on("loras", (message) => heard.push(message.loras));
  const loras = [{ name: "dark", title: "Dark", description: "" }];
  const told = { type: "loras", loras, params: {} };
  browser.latest.say({ ...told, model: "another" });
  browser.latest.say({ ...told, model: OPENED.model.id });
  await browser.pass();
  assert.deepEqual(heard, [loras]);
  assert.deepEqual(session.model?.loras, loras);
});
