/** Voice and manner: those of the model's params that a user sets, in the element's own words. */

import type { Params } from "../client/protocol.ts";
import { h, show } from "../ui/dom.ts";
import type { Control } from "../ui/fields.ts";
import { control } from "../ui/fields.ts";
import type { Field } from "../ui/schema.ts";
import { fields } from "../ui/schema.ts";
import type { Texts, Words } from "./words/words.ts";

const SHOWN = ["voice", "speed", "pitch", "liveliness", "badge"] as const satisfies (keyof Words["settings"])[];

export class Manner {
  readonly root = h("div", { class: "more manner", id: "settings", role: "group", hidden: true });
  private readonly controls = new Map<string, Control>();
  private schema: Record<string, unknown> | undefined;
  private params: Params = {};
  private opener: HTMLElement | null = null;

  /** `change` hears what the user sets. */
  constructor(
    private readonly texts: Texts,
    private readonly change: (params: Params) => void,
  ) {
    texts.name(this.root, ({ settings }) => settings.label);
    texts.say(() => this.draw());
  }

  /** Open and close by this button. */
  by(opener: HTMLElement): void {
    this.opener = opener;
    opener.addEventListener("click", () => {
      show(this.root, this.root.hidden);
      opener.setAttribute("aria-expanded", String(!this.root.hidden));
    });
    this.draw();
  }

  /** Offer what the model has. */
  offer(schema: Record<string, unknown> | undefined): void {
    this.schema = schema;
    this.draw();
  }

  show(params: Params): void {
    this.params = params;
    for (const [key, each] of this.controls) if (params[key] !== undefined) each.show(params[key]);
  }

  private draw(): void {
    const all = fields(this.schema);
    this.controls.clear();
    const made = SHOWN.flatMap((key) => {
      const field = all.find((each) => each.key === key);
      return field ? [this.made(field, key)] : [];
    });
    this.root.replaceChildren(h("div", { class: "settings" }, ...made));
    if (this.opener) show(this.opener, made.length > 0);
    if (!made.length) show(this.root, false);
    this.show(this.params);
  }

  private made(field: Field, key: (typeof SHOWN)[number]): HTMLElement {
    if (field.kind === "colours" || field.kind === "weights") return h("span"); // no manner has these
    const title = this.texts.words.settings[key];
    const labels = key === "voice" && field.kind === "choice" ? { labels: languages(field.choices.map(String)) } : {};
    const made = control({ ...field, ...labels, title, hint: "" }, (value) => this.change({ [key]: value }));
    this.controls.set(key, made);
    return made.root;
  }
}

/** Name voices that are called by their languages, as "en-US", in the browser's own. */
function languages(codes: readonly string[]): Record<string, string> {
  const names = new Intl.DisplayNames(undefined, { type: "language", fallback: "code" });
  return Object.fromEntries(codes.map((code) => [code, named(names, code)]));
}

function named(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    return code; // of no language
  }
}
