/** The fields of a form, one for each kind of param. */

import { along, h, words } from "./dom.ts";
import type { Field } from "./schema.ts";

/** One shown field: its element, and how a value gets into it. */
export interface Control {
  root: HTMLElement;
  show(value: unknown): void;
}

const MOST_SEGMENTS = 5; // side by side; more go into a list

type Change = (value: unknown) => void;

/** Kinds with a control of their own, see palette.ts and loras.ts. */
type Own = "colours" | "weights";

export function control(field: Exclude<Field, { kind: Own }>, change: Change): Control {
  switch (field.kind) {
    case "number":
      return slider(field, change);
    case "choice":
      return field.choices.length <= MOST_SEGMENTS ? segments(field, change) : select(field, change);
    case "switch":
      return toggle(field, change);
    case "text":
      return text(field, change);
  }
}

export function slider(field: Omit<Extract<Field, { kind: "number" }>, "reach">, change: Change): Control {
  const { title, hint, min, max, step, unasked } = field;
  const shown = h("output", { class: "value" });
  const input = h("input", { type: "range", min, max, step, "aria-label": title });
  const show = (value: number): void => {
    const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
    const word = value === 0 ? unasked : undefined;
    shown.textContent = word ?? (Number.isFinite(value) ? value.toFixed(digits) : "");
    if (unasked !== undefined) input.setAttribute("aria-valuetext", shown.textContent);
    const part = max > min ? (input.valueAsNumber - min) / (max - min) : 0;
    input.style.setProperty("--part", `${part * 100}%`);
  };
  input.addEventListener("input", () => {
    show(input.valueAsNumber);
    change(input.valueAsNumber);
  });
  return {
    root: h("label", { class: "field slider", title: hint }, h("span", { class: "name" }, title), input, shown),
    show: (value) => {
      input.value = String(value);
      show(Number(value));
    },
  };
}

export function segments(field: Extract<Field, { kind: "choice" }>, change: Change): Control {
  const buttons = field.choices.map((choice) =>
    h("button", { type: "button", role: "radio", class: "segment", onclick: () => pick(choice) }, label(field, choice)),
  );
  const mark = (value: unknown): void =>
    buttons.forEach((each, i) => {
      const chosen = field.choices[i] === value;
      each.setAttribute("aria-checked", String(chosen));
      each.tabIndex = chosen || (i === 0 && !field.choices.includes(value as string)) ? 0 : -1;
    });
  const pick = (choice: string | number): void => {
    mark(choice);
    change(choice);
  };
  const group = h("div", { class: "segments", role: "radiogroup", "aria-label": field.title }, ...buttons);
  group.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? along(event.key, group);
    const from = buttons.indexOf(event.target as HTMLButtonElement);
    if (!step || from < 0) return;
    event.preventDefault();
    const to = (from + step + buttons.length) % buttons.length;
    buttons[to]?.focus();
    pick(field.choices[to] as string);
  });
  return {
    root: h("div", { class: "field", title: field.hint }, h("span", { class: "name" }, field.title), group),
    show: mark,
  };
}

function label({ labels }: Extract<Field, { kind: "choice" }>, choice: string | number): string {
  return labels?.[choice] ?? words(String(choice));
}

function select(field: Extract<Field, { kind: "choice" }>, change: Change): Control {
  const input = h(
    "select",
    { "aria-label": field.title },
    ...field.choices.map((choice, i) => h("option", { value: i }, label(field, choice))),
  );
  input.addEventListener("change", () => change(field.choices[input.selectedIndex]));
  return {
    root: h("label", { class: "field", title: field.hint }, h("span", { class: "name" }, field.title), input),
    show: (value) => void (input.selectedIndex = field.choices.indexOf(value as string)),
  };
}

export function toggle(field: { title: string; hint: string }, change: (on: boolean) => void): Control {
  const input = h("input", { type: "checkbox", role: "switch" });
  input.addEventListener("change", () => change(input.checked));
  return {
    root: h("label", { class: "field switch", title: field.hint }, h("span", { class: "name" }, field.title), input),
    show: (value) => void (input.checked = value === true),
  };
}

function text(field: Extract<Field, { kind: "text" }>, change: Change): Control {
  const input = h("input", { type: "text", maxlength: field.longest, "aria-label": field.title });
  input.addEventListener("input", () => change(input.value));
  return {
    root: h("label", { class: "field text", title: field.hint }, h("span", { class: "name" }, field.title), input),
    show: (value) => {
      if (input.value !== value) input.value = String(value ?? "");
    },
  };
}
