/** A third element is one file: by the base alone it connects, shows a model's params, and tells what it does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Element } from "../doubles/dom.ts";
import { named, type } from "../doubles/page.ts";
import { begin, element, heard, line, MODEL, made, READY } from "./plain.ts";

test("it connects as its attributes say, and tells that it is ready", async () => {
  await begin({ url: "http://example.test/", model: "echo", prompt: "a fox" });
  assert.equal(line.latest.address, "ws://example.test/v1/realtime");
  await line.accept(READY);
  const [open] = line.latest.take();
  assert.deepEqual([open!["model"], open!["params"]], ["echo", { prompt: "a fox" }]);
  const [ready] = heard("ready");
  assert.deepEqual(ready!["params"], { prompt: "a fox", strength: 0.5, seed: 1 });
});

test("its params are the model's, and what the user changes goes to the server", async () => {
  await begin();
  await line.accept(READY);
  line.latest.take();
  type(named(element.shadowRoot, "Prompt"), "a hare");
  type(named(element.shadowRoot, "Strength"), "0.25");
  await line.settle();
  assert.deepEqual(line.latest.take(), [{ type: "params", id: 1, params: { prompt: "a hare", strength: 0.25 } }]);
  assert.deepEqual(heard("input").at(-1), { params: { prompt: "a hare", strength: 0.25, seed: 1 } });
});

test("the page's params and attributes go there, too, and show in the fields", async () => {
  await begin();
  await line.accept(READY);
  line.latest.take();
  element["params"] = { strength: 1, seed: null };
  element["seed"] = 7;
  element.setAttribute("seed", "seven"); // says nothing
  await line.settle();
  assert.deepEqual(line.latest.take(), [{ type: "params", id: 1, params: { strength: 1, seed: 7 } }]);
  assert.equal(named(element.shadowRoot, "Strength").value, "1");
  assert.deepEqual(heard("input"), [], "the page knows what it did itself");
});

test("each state of the connection is told, shown, and can be asked for", async () => {
  await begin();
  await line.accept({ type: "queued", position: 3 });
  const way = { transport: "websocket", fallback: "" };
  assert.deepEqual(heard("diagnostics").at(-1), { state: "queued", position: 3, model: "", ...way });
  line.latest.say(READY);
  await line.settle();
  assert.deepEqual(element["diagnostics"], { state: "open", position: 0, model: "echo", ...way });
  const states = heard("diagnostics").map(({ state }) => state);
  assert.deepEqual(states, ["queued", "queued", "open"]);
  assert.equal(element.shadowRoot!.querySelector(".pill")!.textContent, "Live");
});

test("an error is told to user and page; one that is fatal offers to try again", async () => {
  await begin();
  const fault = { type: "error", id: null, code: "unauthorized", message: "no", fix: "log in", retryable: false };
  await line.accept({ ...fault, fatal: true });
  line.latest.break(4401);
  await line.settle();
  assert.deepEqual(heard("error"), [{ code: "unauthorized", message: "no", fix: "log in", retryable: false }]);
  const notice = element.shadowRoot!.querySelector("[role=alert]")!;
  assert.match(notice.textContent, /^No\. Log in\./);
  named(notice, "Try again").click();
  await line.settle();
  assert.equal(line.sockets.length, 2);
  await line.accept(READY);
  assert.equal(element["diagnostics"] && (element["diagnostics"] as Record<string, unknown>)["state"], "open");
});

test("a refused value gives way to the one in force, in the field, too", async () => {
  await begin();
  await line.accept(READY);
  type(named(element.shadowRoot, "Strength"), "0.9");
  await line.settle();
  line.latest.say({
    type: "error",
    id: 1,
    code: "invalid_params",
    message: "no",
    fix: "",
    retryable: false,
    fatal: false,
  });
  await line.settle();
  assert.equal(named(element.shadowRoot, "Strength").value, "0.5");
});

const OFFERED = { ...READY, features: ["models"] };
const INK = {
  ...MODEL,
  id: "ink",
  title: "Ink",
  params_schema: {
    properties: {
      prompt: { type: "string", default: "" },
      strength: { type: "number", minimum: 0, maximum: 1, default: 0.25 },
      wetness: { type: "number", minimum: 0, maximum: 1, default: 0.5 },
    },
  },
};
const SWITCHED = { type: "switched", model: INK, params: { prompt: "a hare", strength: 0.25, wetness: 0.5 } };

test("another model is the session's own: nothing is opened anew, and params that suit are kept", async () => {
  line.models = [MODEL, INK];
  await begin({ params: '{"wetness": 0.8}' });
  await line.accept(OFFERED);
  assert.deepEqual(line.latest.take()[0]!["features"], ["models", "loras", "loading", "arrivals", "films"]);
  for (const [name, value] of [
    ["Prompt", "a hare"],
    ["Seed", "7"],
  ] as const)
    type(named(element.shadowRoot, name), value);
  await line.settle();
  line.latest.take();
  type(named(element.shadowRoot, "Model"), "ink", "change");
  await line.settle();
  const [{ id, ...change }, ...more] = line.latest.take() as [Record<string, unknown>];
  assert.deepEqual([change, more], [{ type: "switch", model: "ink", params: {} }, []]);
  assert.equal((element["diagnostics"] as Record<string, unknown>)["model"], "echo");
  line.latest.say({ ...SWITCHED, id });
  await line.settle();
  assert.deepEqual(line.latest.take(), [{ type: "params", id: Number(id) + 1, params: { wetness: 0.8 } }]);
  const [first, ready] = heard("ready");
  assert.deepEqual([(first!["model"] as { id: string }).id, (ready!["model"] as { id: string }).id], ["echo", "ink"]);
  assert.deepEqual(ready!["params"], { prompt: "a hare", strength: 0.25, wetness: 0.8, seed: 7 });
  assert.equal(named(element.shadowRoot, "Wetness").value, "0.8");
  assert.throws(() => named(element.shadowRoot, "Seed"));
  assert.equal(named(element.shadowRoot, "Model").value, "ink");
  assert.deepEqual(heard("diagnostics").at(-1)!["model"], "ink");
  line.latest.break();
  (globalThis.window as unknown as Element).dispatchEvent(new Event("online") as never);
  await line.settle();
  assert.equal(line.sockets.length, 2);
  await line.accept({ ...OFFERED, resumed: true, model: INK, params: SWITCHED.params });
  assert.equal(named(element.shadowRoot, "Model").value, "ink");
});

test("a model that comes back is told at the foot; one that is to come, in the menu", async () => {
  line.models = [MODEL, INK];
  await begin();
  await line.accept(OFFERED);
  const pill = (): string => element.shadowRoot!.querySelector(".pill")!.textContent;
  const told = { type: "loading", unit: "bytes", done: 1, total: 4 };
  const back = { ...told, model: "echo", title: "Echo", state: "loading", message: "Loading Echo, 25 %" };
  const option = (): string => named(element.shadowRoot, "Model").querySelectorAll("option")[1]!.textContent;
  line.latest.say({ ...back, served: true });
  await line.settle();
  assert.equal(pill(), "Loading Echo, 25 %");
  assert.doesNotMatch(named(element.shadowRoot, "Model").textContent, /not there yet/);
  line.latest.say({ ...back, message: "Loading Echo, 50 %" }); // of an older server
  await line.settle();
  assert.equal(pill(), "Loading Echo, 50 %");
  line.latest.say({ ...told, model: "ink", title: "Ink", state: "loading", message: "Loading Ink", served: false });
  await line.settle();
  assert.equal(option(), "Ink · not there yet");
  line.latest.break();
  (globalThis.window as unknown as Element).dispatchEvent(new Event("online") as never);
  await line.settle();
  await line.accept({ ...OFFERED, resumed: true });
  assert.equal(option(), "Ink", "it came while there was no session");
});

test("a model that is refused leaves everything as it was, and the menu goes back", async () => {
  line.models = [MODEL, INK];
  await begin();
  await line.accept(OFFERED);
  line.latest.take();
  const menu = named(element.shadowRoot, "Model");
  type(menu, "ink", "change");
  await line.settle();
  const fault = { code: "server_busy", message: "no place is free", fix: "try later", retryable: true };
  line.latest.say({ type: "error", id: 1, fatal: false, ...fault });
  await line.settle();
  assert.deepEqual(heard("error"), [fault]);
  assert.match(element.shadowRoot!.querySelector("[role=alert]")!.textContent, /^No place is free\. Try later\./);
  assert.deepEqual([menu.value, named(element.shadowRoot, "Model").value], ["echo", "echo"]);
  assert.equal(heard("ready").length, 1);
  type(menu, "ink", "change"); // and of two the newest counts
  await line.settle();
  type(menu, "echo", "change");
  await line.settle();
  line.latest.say({ ...SWITCHED, id: 2 });
  await line.settle();
  assert.deepEqual(
    line.latest.take().map(({ model }) => model),
    ["ink", "ink", "echo"],
  );
});

test("a change whose answer a break swallowed shows as one", async () => {
  line.models = [MODEL, INK];
  await begin();
  await line.accept(OFFERED);
  type(named(element.shadowRoot, "Model"), "ink", "change");
  await line.settle();
  line.latest.break();
  (globalThis.window as unknown as Element).dispatchEvent(new Event("online") as never);
  await line.settle();
  await line.accept({ ...OFFERED, resumed: true, model: INK, params: SWITCHED.params });
  assert.equal(named(element.shadowRoot, "Wetness").value, "0.5");
  element.setAttribute("url", "http://example.test/");
  await line.settle();
  await line.accept(OFFERED);
  assert.equal(line.latest.take()[0]!["model"], "ink", "what connects from now on has it");
});

test("where the server has several models that fit, one can be chosen; an older server opens another session", async () => {
  line.models = [MODEL, { ...MODEL, id: "ink", title: "Ink" }, { ...MODEL, id: "metronome" }];
  await begin();
  await line.accept(READY);
  const menu = named(element.shadowRoot, "Model");
  assert.deepEqual(
    menu.options.map((each) => each.textContent),
    ["echo", "Ink"],
  );
  type(menu, "ink", "change");
  await line.settle();
  await line.accept({ ...READY, model: { ...MODEL, id: "ink" } });
  assert.equal(line.latest.take()[0]!["model"], "ink");
  assert.equal((element["diagnostics"] as Record<string, unknown>)["model"], "ink");
});

test("several attributes that change together make one connection; another place takes it along", async () => {
  await begin();
  await line.accept(READY);
  element.setAttribute("url", "http://a.test");
  element.setAttribute("model", "ink");
  await line.settle();
  assert.equal(line.sockets.length, 2);
  const box = document.createElement("div") as unknown as Element;
  (document.body as unknown as Element).append(box);
  box.append(element); // out and in again, in one task
  await line.settle();
  assert.equal(line.sockets.length, 2);
  await line.accept(READY);
  element.remove();
  await line.settle();
  assert.equal(line.latest.readyState, 3, "who leaves the page closes the session");
});

test("properties that were set before the class was there are taken", async () => {
  made();
  Object.defineProperty(element, "prompt", { value: "early", writable: true, configurable: true, enumerable: true });
  (document.body as unknown as Element).append(element);
  await line.settle();
  assert.equal(element.getAttribute("prompt"), "early");
});

test("nothing inside can be reached from the page but what is shown", async () => {
  await begin();
  const keys = new Set<string>();
  for (let at: object = element; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
    for (const key of Object.getOwnPropertyNames(at)) keys.add(key);
  for (const inner of ["panel", "studio", "session"]) assert.ok(!keys.has(inner), inner);
});
