/** The params: prompt bar, style, strength and seed in a row, and the rest of the schema under More. */

import type { ModelInfo, Params } from "../client/protocol.ts";
import { h, show } from "./dom.ts";
import type { Control } from "./fields.ts";
import { control } from "./fields.ts";
import { icon } from "./icons.ts";
import { loras } from "./loras.ts";
import { Notes } from "./notes.ts";
import type { PaletteEvents } from "./palette.ts";
import { Palette } from "./palette.ts";
import type { Field } from "./schema.ts";
import { fields } from "./schema.ts";
import { Seed } from "./seed.ts";

export interface PanelEvents {
  change(key: string, value: unknown): void;
  choice(key: string, value: unknown): void; // of what a note offers
  refine?(): void; // none: the model makes pictures by itself
  result: PaletteEvents["result"];
  failed: PaletteEvents["failed"];
}

/** Controls that are no params: before them in their row, at its end, and under More. */
export type OwnControls = Partial<Record<"first" | "view" | "more", HTMLElement[]>> & {
  apart?: readonly string[]; // params that the element shows by itself
};

const IN_ROW = ["style", "strength"];
const APART = ["prompt", "seed"];

export class Panel {
  readonly ask: HTMLElement;
  readonly notes: Notes;
  readonly tune = h("div", { class: "tune" });
  readonly more = h("div", { class: "more", id: "more", role: "group", "aria-label": "More settings" });
  readonly seed: Seed;
  private readonly settings = h("div", { class: "settings" });
  private readonly refined = h("div", { class: "settings", role: "group", "aria-label": "When refined" });
  private readonly prompt: HTMLInputElement;
  private readonly refine: HTMLButtonElement;
  private readonly opener: HTMLButtonElement;
  private palettes: Palette[] = [];
  private seeded = true; // whether the model has a seed
  private wanted = false; // the user opened what stands under More
  private readonly controls = new Map<string, Control>();
  private coloured: HTMLElement[] = []; // shown where the drawing says a colour

  constructor(private readonly events: PanelEvents) {
    this.notes = new Notes((key, value) => events.choice(key, value));
    this.seed = new Seed((seed) => this.seeded && events.change("seed", seed));
    this.prompt = h("input", {
      type: "text",
      class: "prompt",
      maxlength: 2000,
      placeholder: "What is it? A red fox …",
      "aria-label": "Prompt",
      autocomplete: "off",
      dir: "auto",
      enterkeyhint: "go",
      part: "prompt",
    });
    this.prompt.addEventListener("input", () => events.change("prompt", this.prompt.value));
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      events.refine?.();
    });
    this.refine = h(
      "button",
      { type: "button", class: "primary", onclick: () => events.refine?.(), part: "refine" },
      icon("refine"),
      h("span", {}, "Refine"),
    );
    this.ask = h("div", { class: "ask" }, this.prompt, events.refine ? this.refine : null);
    this.opener = h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-expanded": "false",
        "aria-controls": "more",
        onclick: () => this.open((this.wanted = this.more.hidden)),
      },
      icon("more"),
      h("span", {}, "More"),
    );
    this.more.append(this.settings, this.refined);
    this.build(undefined);
  }

  /** Draw the fields of a model's params; the others are controls of the element's own. */
  build(model: ModelInfo | undefined, { first = [], view = [], more = [], apart = [] }: OwnControls = {}): void {
    this.controls.clear();
    this.palettes = [];
    this.coloured = [];
    const all = fields(model?.params_schema)
      .map((field) => limit(field, model))
      .filter(({ key }) => !apart.includes(key))
      .filter((field) => field.kind !== "weights" || model?.loras?.length);
    const made = (field: Field): HTMLElement => this.make(field, model);
    const row = IN_ROW.flatMap((key) => all.filter((field) => field.key === key)).map(made);
    const colours = all.filter((field) => field.kind === "colours").map(made);
    const rest = all.filter((field) => ![...IN_ROW, ...APART].includes(field.key) && field.kind !== "colours");
    const refined = rest.filter((field) => field.reach === "refined").map(made);
    const has = (key: string): boolean => !model || all.some((field) => field.key === key);
    this.seeded = has("seed");
    show(this.prompt, has("prompt"));
    show(this.ask, has("prompt") || this.events.refine !== undefined);
    const end = h("div", { class: "end" }, ...view, this.opener);
    const shown = [...first, ...row, ...(this.seeded ? [this.seed.root] : []), ...colours, ...view];
    this.tune.replaceChildren(...first, ...row, ...(this.seeded ? [this.seed.root] : []), end, ...colours);
    const alone = this.ask.hidden && shown.length === 0; // the rest needs no fold
    show(this.tune, !alone);
    this.open(alone || this.wanted);
    this.settings.replaceChildren(...rest.filter((field) => field.reach !== "refined").map(made), ...more);
    this.refined.replaceChildren(h("p", { class: "name" }, "When refined"), ...refined);
    show(this.refined, refined.length > 0);
  }

  show(params: Params): void {
    const prompt = String(params["prompt"] ?? "");
    if (this.prompt.value !== prompt) this.prompt.value = prompt;
    if (params["seed"] !== undefined) this.seed.show(params["seed"]);
    for (const [key, each] of this.controls) {
      if (params[key] !== undefined) each.show(params[key]);
    }
  }

  /**
   * Say why a refine is of no use, if it is not; whether one runs; whether a picture is shown, and
   * whether the drawing says a colour.
   */
  allow(refusal: string, running: boolean, picture: boolean, colour: boolean): void {
    this.refine.setAttribute("aria-disabled", String(refusal !== "" || running));
    this.refine.title = refusal || "Make the final picture (Enter in the prompt)";
    this.refine.toggleAttribute("data-busy", running);
    for (const each of this.palettes) each.allow(picture);
    for (const each of this.coloured) show(each, colour);
  }

  private open(open: boolean): void {
    show(this.more, open);
    this.opener.setAttribute("aria-expanded", String(open));
  }

  private make(field: Field, model: ModelInfo | undefined): HTMLElement {
    const change = (value: unknown): void => this.events.change(field.key, value);
    const made = this.control(field, model, change);
    this.controls.set(field.key, made);
    if (field.reach === "coloured") this.coloured.push(made.root);
    return made.root;
  }

  private control(field: Field, model: ModelInfo | undefined, change: (value: unknown) => void): Control {
    if (field.kind === "weights") return loras(field, model?.loras ?? [], change);
    if (field.kind !== "colours") return control(field, change);
    const palette = new Palette(field, { ...this.events, change });
    this.palettes.push(palette);
    return palette;
  }
}

/** A model may take fewer steps than the common schema allows. */
function limit(field: Field, model: ModelInfo | undefined): Field {
  if (field.key !== "steps" || field.kind !== "number" || !model) return field;
  return { ...field, max: Math.min(field.max, model.max_steps) };
}
