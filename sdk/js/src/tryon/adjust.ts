/** How the garment is worn: its fit, its sleeves, and what it is where nobody said. */

import type { Params } from "../client/protocol.ts";
import { h, show } from "../ui/dom.ts";
import type { Control } from "../ui/fields.ts";
import { segments, slider } from "../ui/fields.ts";
import type { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";

const FIT = { key: "fit", hint: "", kind: "number", min: -1, max: 1, step: 0.05 } as const;
const SLEEVES = ["auto", "none", "short", "long"] as const;
const CATEGORIES = ["auto", "upper", "lower", "dress"] as const;

export class Adjust {
  readonly root = h("div", { class: "adjust" });
  private readonly controls = new Map<string, Control>();
  private params: Params = {};
  private kinds = false;

  constructor(
    texts: Texts,
    private readonly change: (params: Params) => void,
  ) {
    texts.say((words) => this.build(words));
  }

  /** Show the params as they stand. */
  show(params: Params): void {
    this.params = params;
    for (const [key, control] of this.controls) control.show(params[key]);
    show(this.controls.get("sleeves")!.root, params["category"] !== "lower");
  }

  /** Ask what the garment is, where the shop did not say. */
  ask(kinds: boolean): void {
    this.kinds = kinds;
    show(this.controls.get("category")!.root, kinds);
  }

  private build({ adjust }: Words): void {
    const changed = (key: string) => (value: unknown) => this.change({ [key]: value });
    const fit = slider({ ...FIT, title: adjust.fit }, changed("fit"));
    fit.root.append(
      h("span", { class: "ends", "aria-hidden": "true" }, h("span", {}, adjust.slim), h("span", {}, adjust.loose)),
    );
    const choice = (key: "sleeves" | "category", choices: readonly (keyof Words["adjust"])[]): Control => {
      const labels = Object.fromEntries(choices.map((each) => [each, adjust[each]]));
      const kind = { reach: "all", kind: "choice" } as const;
      const field = { ...kind, key, title: adjust[key], hint: "", choices: [...choices], labels };
      return segments(field, changed(key));
    };
    this.controls.set("fit", fit);
    this.controls.set("sleeves", choice("sleeves", SLEEVES));
    this.controls.set("category", choice("category", CATEGORIES));
    this.root.replaceChildren(...[...this.controls.values()].map(({ root }) => root));
    this.show({ fit: 0, sleeves: "auto", category: "auto", ...this.params });
    this.ask(this.kinds);
  }
}
