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

test("another model finishes from the next refine on, and after a fresh open", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { refineModel: "large" });
  await browser.pass();
  browser.latest.accept();
  browser.latest.take();
  browser.latest.say({ ...OPENED, features: ["models"] });
  const refines = async (): Promise<unknown[]> => {
    session.refine().catch(() => undefined);
    await browser.pass();
    return browser.latest.take().map(({ type, refine_model }) => [type, refine_model]);
  };
  assert.deepEqual(await refines(), [["refine", "large"]]);
  session.refineModel = "small";
  assert.deepEqual(await refines(), [["refine", "small"]]);
  session.refineModel = "";
  assert.deepEqual([await refines(), session.refineModel], [[["refine", "echo"]], ""]);
  session.refineModel = "tiny";
  browser.latest.say({ type: "error", code: "session_unknown", message: "gone", fatal: true });
  browser.latest.break(4404);
  await browser.pass();
  browser.latest.accept();
  assert.equal(browser.latest.take()[0]?.["refine_model"], "tiny");
  session.close();
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

test("what is final is asked for by its word: a picture, a film, or the one that there is", async () => {
  const browser = new Browser();
  const session = start(browser, {}, undefined, { films: true });
  await browser.pass();
  browser.latest.accept();
  assert.deepEqual(browser.latest.take()[0]?.["features"], ["films"]);
  browser.latest.say({ ...OPENED, features: ["films"] });
  const wanted: unknown[] = [];
  for (const ask of [() => session.refine(), () => session.film(), () => session.finish()]) {
    ask().catch(() => undefined); // the next takes its place
    await browser.pass();
    wanted.push(browser.latest.take().find(({ type }) => type === "refine")?.["wants"]);
  }
  assert.deepEqual(wanted, ["picture", "file", "either"]);
  session.close();
});
