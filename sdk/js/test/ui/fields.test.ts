/** The fields of a form: what a person sees, what changes, and by which keys. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { control } from "../../src/ui/fields.ts";
import type { Field } from "../../src/ui/schema.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage, key, named, type } from "../doubles/page.ts";

installPage();

type Plain = Parameters<typeof control>[0];
const COMMON = { key: "k", title: "A field", hint: "What it is for.", reach: "all" } as const;

function made(field: Partial<Field>): { root: Element; show(value: unknown): void; given: unknown[] } {
  const given: unknown[] = [];
  const { root, show } = control({ ...COMMON, ...field } as Plain, (value) => given.push(value));
  return { root: root as unknown as Element, show, given };
}

test("a slider shows its number with as many digits as its step has", () => {
  for (const [step, value, text] of [
    [1, 7, "7"],
    [0.1, 2.5, "2.5"],
    [0.01, 0.25, "0.25"],
  ] as const) {
    const { root, show, given } = made({ kind: "number", min: 0, max: 10, step });
    show(value);
    assert.equal(root.querySelector("output")!.textContent, text);
    type(named(root, "A field"), "3");
    assert.deepEqual(given, [3]);
    assert.equal(root.querySelector("input")!.style.getPropertyValue("--part"), "30%");
  }
});

test("a slider calls its zero by a word, where that asks for nothing", () => {
  const { root, show, given } = made({ kind: "number", min: 0, max: 1024, step: 16, unasked: "auto" });
  const [shown, input] = [root.querySelector("output")!, root.querySelector("input")!];
  show(0);
  assert.deepEqual([shown.textContent, input.getAttribute("aria-valuetext")], ["auto", "auto"]);
  type(named(root, "A field"), "512");
  assert.deepEqual([shown.textContent, input.getAttribute("aria-valuetext"), given], ["512", "512", [512]]);
});

test("few choices lie side by side, of which one is checked and can be reached by Tab", () => {
  const { root, show, given } = made({ kind: "choice", choices: ["flat", "soft_3d", "ink"] });
  const radios = root.querySelectorAll("[role=radio]");
  assert.deepEqual(
    radios.map((each) => each.textContent),
    ["Flat", "Soft 3D", "Ink"],
  );
  const stops = (): number[] => radios.map((each) => each.tabIndex);
  show("none of them");
  assert.deepEqual(stops(), [0, -1, -1]);
  show("ink");
  assert.deepEqual(stops(), [-1, -1, 0]);
  radios[1]!.click();
  assert.deepEqual(given, ["soft_3d"]);
  assert.deepEqual(
    radios.map((each) => each.getAttribute("aria-checked")),
    ["false", "true", "false"],
  );
});

test("arrows go round the choices, to the left end of the line from right to left", () => {
  const { root, given } = made({ kind: "choice", choices: [1, 2, 3] });
  const radios = root.querySelectorAll("[role=radio]");
  assert.equal(key(radios[0]!, "ArrowLeft").defaultPrevented, true);
  assert.deepEqual(given, [3]);
  key(radios[2]!, "ArrowDown");
  assert.equal((document.activeElement as unknown as Element).textContent, "1");
  root.querySelector("[role=radiogroup]")!.setAttribute("dir", "rtl");
  key(radios[0]!, "ArrowLeft");
  assert.deepEqual(given, [3, 1, 2]);
  assert.equal(key(radios[0]!, "x").defaultPrevented, false);
});

test("many choices go into a list, whose values keep their kind", () => {
  const { root, show, given } = made({ kind: "choice", choices: [256, 512, 768, 1024, 1536, 2048] });
  const list = root.querySelector("select")!;
  show(768);
  assert.equal(list.selectedIndex, 2);
  list.selectedIndex = 4;
  type(list, "4", "change");
  assert.deepEqual(given, [1536]);
});

test("a switch is on for true alone", () => {
  const { root, show, given } = made({ kind: "switch" });
  const input = root.querySelector("input")!;
  show("yes");
  assert.equal(input.checked, false);
  show(true);
  assert.equal(input.checked, true);
  input.checked = false;
  type(input, "", "change");
  assert.deepEqual(given, [false]);
});

test("a text has its length and shows nothing for nothing", () => {
  const { root, show, given } = made({ kind: "text", longest: 40 });
  const input = root.querySelector("input")!;
  assert.equal(input.getAttribute("maxlength"), "40");
  show(null);
  assert.equal(input.value, "");
  type(input, "a hare");
  assert.deepEqual(given, ["a hare"]);
});

test("a hint is the field's tooltip", () => {
  for (const field of [{ kind: "switch" }, { kind: "text", longest: 9 }] as Partial<Field>[])
    assert.equal(made(field).root.title, COMMON.hint);
});
