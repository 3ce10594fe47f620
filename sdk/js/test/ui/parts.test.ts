/** Small parts of all elements: elements from a description, files, the menu of models, the look. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelInfo } from "../../src/client/protocol.ts";
import { h, words } from "../../src/ui/dom.ts";
import { chooser, download, receive } from "../../src/ui/files.ts";
import { ModelMenu } from "../../src/ui/models.ts";
import { Theme } from "../../src/ui/theme.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, named, type } from "../doubles/page.ts";

installPage();

const as = (element: unknown): Element => element as Element;

test("an element is made of attributes, listeners, styles and children", () => {
  let pressed = 0;
  const made = as(
    h(
      "button",
      {
        class: "a b",
        hidden: true,
        disabled: false,
        title: undefined,
        style: { "--x": "1" },
        onclick: () => (pressed += 1),
      },
      "go",
      null,
    ),
  );
  made.click();
  assert.deepEqual(
    [made.className, made.hidden, made.hasAttribute("disabled"), made.hasAttribute("title")],
    ["a b", true, false, false],
  );
  assert.deepEqual([made.style.getPropertyValue("--x"), made.textContent, pressed], ["1", "go", 1]);
  assert.equal(made.hasAttribute("style"), false, "a strict policy forbids the attribute");
});

test("a schema's names are labels", () => {
  assert.deepEqual(["soft_3d", "flat", "3d_look"].map(words), ["Soft 3D", "Flat", "3D look"]);
});

test("a file is dropped, or pasted if it is a picture; pasted text goes where it was", () => {
  const [pane, host, opened] = [as(h("div")), as(h("div")), [] as unknown[]];
  receive(pane as never, host as never, (file) => opened.push(file));
  const over = new Happening("dragover");
  pane.dispatchEvent(over);
  assert.deepEqual([over.defaultPrevented, pane.hasAttribute("data-drop")], [true, true]);
  pane.dispatchEvent(new Happening("dragleave"));
  assert.equal(pane.hasAttribute("data-drop"), false);
  pane.dispatchEvent(new Happening("drop", { dataTransfer: { files: ["first", "second"] } }));
  pane.dispatchEvent(new Happening("drop", { dataTransfer: { files: [] } }));
  assert.deepEqual(opened, ["first"]);
  const text = new Happening("paste", { clipboardData: { files: [{ type: "text/plain" }] } });
  host.dispatchEvent(text);
  const picture = { type: "image/png" };
  host.dispatchEvent(new Happening("paste", { clipboardData: { files: [{ type: "text/plain" }, picture] } }));
  assert.equal(text.defaultPrevented, false);
  assert.deepEqual(opened, ["first", picture]);
});

test("a chosen file is opened, the same one again, too; none is none", () => {
  const opened: unknown[] = [];
  const root = as(chooser("open", "Open a clip", (file) => opened.push(file), ["video/*"]));
  const input = root.querySelector("input")!;
  assert.equal(input.getAttribute("accept"), "video/*");
  let asked = 0;
  input.addEventListener("click", () => (asked += 1));
  root.querySelector("button")!.click();
  assert.equal(asked, 1);
  for (const files of [["clip"], [], ["clip"]]) {
    Object.assign(input, { files, value: "C:\\fakepath\\clip" });
    input.dispatchEvent(new Happening("change"));
    assert.equal(input.value, "");
  }
  assert.deepEqual(opened, ["clip", "clip"]);
});

test("a file to save is named, and its address is freed when the browser has read it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const freed = t.mock.method(URL, "revokeObjectURL", () => undefined);
  t.mock.method(URL, "createObjectURL", () => "blob:x");
  const links: Element[] = [];
  const make = document.createElement.bind(document);
  t.mock.method(document, "createElement", (tag: string) => {
    const link = make(tag);
    links.push(as(link));
    return link;
  });
  download(new Blob(["x"]), "fox.png");
  assert.deepEqual([links[0]!["href"], links[0]!["download"]], ["blob:x", "fox.png"]);
  assert.equal(freed.mock.callCount(), 0);
  t.mock.timers.tick(10_000);
  assert.equal(freed.mock.callCount(), 1);
});

const model = (id: string, title = ""): ModelInfo => ({ id, title }) as ModelInfo;

test("the menu lists what fits, asks a server once, and hides where there is no choice", async (t) => {
  const asked: unknown[] = [];
  let answer: object = { ok: true, json: async () => ({ models: [model("ink", "Ink"), model("echo"), model("tts")] }) };
  t.mock.method(globalThis, "fetch", async (address: string, how: { headers: object }) => {
    asked.push([address, how.headers]);
    return answer;
  });
  const picked: string[] = [];
  const menu = new ModelMenu(
    ({ id }) => id !== "tts",
    ({ id }) => picked.push(id),
  );
  const root = as(menu.root);
  const connection = { url: "http://a.test/v1/realtime", model: "", token: "secret" };
  for (const opened of ["echo", "ink"]) {
    await menu.offer(connection, model(opened));
    assert.equal(root.hidden, false);
  }
  assert.deepEqual(asked, [["http://a.test/v1/models", { Authorization: "Bearer secret" }]]);
  const options = (): string[] => root.querySelectorAll("option").map((each) => each.textContent);
  assert.deepEqual(options(), ["Ink", "echo", "Same as draft"]);
  const select = named(root, "Model");
  menu.show("echo");
  assert.equal(select.value, "echo");
  type(select, "ink", "change");
  type(select, "gone", "change");
  assert.deepEqual(picked, ["ink"]);
  await menu.offer(connection, model("tts"));
  assert.equal(root.hidden, true, "the model is none of those");
  answer = { ok: false };
  await menu.offer({ ...connection, url: "http://b.test", token: "" }, model("echo"));
  assert.equal(root.hidden, true);
  t.mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("no such server")));
  await menu.offer({ ...connection, url: "http://c.test" }, model("echo"));
  assert.equal(root.hidden, true);
});

test("what finishes is chosen, too; one that is still loaded takes over once it is there", async (t) => {
  const coming = { state: "loading", progress: "Loading Large, 4 %" };
  const large = { id: "large", title: "Large", licence: "STAI-NC", commercial: "no", draft_steps: 1, max_steps: 4 };
  let models: object[] = [model("ink", "Ink"), { ...large, ...coming }];
  t.mock.method(globalThis, "fetch", async () => ({ ok: true, json: async () => ({ models }) }));
  const heard: unknown[] = [];
  const menu = new ModelMenu(
    () => true,
    ({ id }) => heard.push(["draft", id]),
    { fits: () => true, pick: (id) => heard.push(["finish", id]), anew: ({ id }) => id === "large" },
  );
  const root = as(menu.root);
  const said = (): string => root.querySelector(".facts")!.textContent;
  await menu.offer({ url: "http://a.test", model: "", token: "" }, model("ink", "Ink"));
  const [draft, finish] = [named(root, "Model"), named(root, "Finish with")];
  assert.equal(menu.progress("large"), "Loading Large, 4 %");
  type(finish, "large", "change");
  assert.deepEqual(heard, [["finish", "large"]]);
  assert.match(said(), /Large: draws anew from the prompt, not from your sketch, STAI-NC, no commercial use, up to 4/);
  type(draft, "large", "change");
  assert.match(said(), /Loading Large, 4 %: it takes over once it is there/);
  const told = { type: "loading", model: "large", title: "Large", unit: "bytes", total: 10 } as const;
  await menu.told({ ...told, state: "loading", done: 4, message: "Loading Large, 40 %" });
  assert.match(said(), /Loading Large, 40 %/);
  assert.equal(heard.length, 1, "it is not there yet");
  models = [model("ink", "Ink"), { ...large, state: "ready" }];
  await menu.told({ ...told, state: "ready", done: 10, message: "Large is ready" });
  assert.deepEqual([heard.at(-1), menu.progress("large"), draft.value], [["draft", "large"], "", "ink"]);
  models = [model("ink", "Ink"), { ...large, id: "huge", title: "Huge", ...coming }];
  await menu.told({ ...told, model: "huge", state: "loading", done: 1, message: "Loading Huge" });
  type(draft, "huge", "change");
  models = [model("ink", "Ink")];
  await menu.told({ ...told, model: "huge", state: "failed", done: 0, message: "half a file" });
  assert.deepEqual([draft.value, heard.length], ["ink", 2], "one that failed is wanted no more");
});

test("the look follows the attribute, else the ground that the element stands on", (t) => {
  const looks: string[] = [];
  const host = as(h("div"));
  const theme = new Theme(host as never, (scheme) => looks.push(scheme));
  const grounds = new Map<unknown, string>([[host, "rgba(0, 0, 0, 0)"]]);
  t.mock.method(globalThis, "getComputedStyle", (of: unknown) => ({
    backgroundColor: grounds.get(of) ?? "transparent",
    color: "transparent",
  }));
  host.setAttribute("theme", "dark");
  theme.start();
  host.setAttribute("theme", "light");
  theme.apply();
  host.removeAttribute("theme");
  theme.apply();
  theme.stop();
  assert.deepEqual(looks, ["dark", "light", "light"], "nothing painted is a light page");
});
