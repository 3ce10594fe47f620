/** The LoRAs of a model: each with a switch, and a slider for its weight. */

import type { LoraInfo } from "../client/protocol.ts";
import { h } from "./dom.ts";
import type { Control } from "./fields.ts";
import { slider, toggle } from "./fields.ts";
import type { Field } from "./schema.ts";

const FULL = 1; // the weight at which a LoRA was trained

/** Make the control; its value is a map of names to weights, without those that are off. */
export function loras(
  field: Extract<Field, { kind: "weights" }>,
  all: readonly LoraInfo[],
  change: (value: unknown) => void,
): Control {
  let weights: Record<string, number> = {};
  const give = (name: string, weight: number | null): void => {
    const { [name]: _, ...others } = weights;
    weights = weight === null ? others : { ...others, [name]: weight };
    mark();
    change(weights);
  };
  const rows = all.map(({ name, title = name, description = "" }) => {
    const on = toggle({ title, hint: description }, (checked) => give(name, checked ? FULL : null));
    const weight = slider(
      { key: name, title: `Weight of ${title}`, hint: description, kind: "number", min: 0, max: field.max, step: 0.05 },
      (value) => give(name, Number(value)),
    );
    const note = description ? h("p", { class: "note" }, description) : null;
    return { name, on, weight, root: h("li", { class: "lora" }, on.root, weight.root, note) };
  });
  const mark = (): void =>
    rows.forEach(({ name, on, weight, root }) => {
      const chosen = name in weights;
      on.show(chosen);
      weight.show(weights[name] ?? FULL);
      root.toggleAttribute("data-on", chosen);
      const full = !chosen && Object.keys(weights).length >= field.most;
      for (const input of root.querySelectorAll("input")) input.disabled = full;
    });
  mark();
  return {
    root: h(
      "div",
      { class: "loras", role: "group", "aria-label": "LoRAs", title: field.hint, part: "loras" },
      h("span", { class: "name" }, "LoRAs"),
      h("ul", {}, ...rows.map((row) => row.root)),
    ),
    show: (value) => {
      weights = typeof value === "object" && value !== null ? { ...(value as Record<string, number>) } : {};
      mark();
    },
  };
}
