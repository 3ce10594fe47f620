/** What can be put right by hand: who wears it, what may change, the garment's points and the body's. */

import { h, show } from "../ui/dom.ts";
import { segments, slider } from "../ui/fields.ts";
import type { Icon } from "../ui/icons.ts";
import { icon } from "../ui/icons.ts";
import { BODY, POINTS } from "./icons.ts";
import type { Tool } from "./stage/stage.ts";
import type { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";

type Picked = Exclude<Tool, "none">;

export interface ToolEvents {
  use(tool: Tool): void;
  erase(erases: boolean): void;
  size(size: number): void;
  undo(): void;
  automatic(): void; // the tool's own work is undone, and the model's counts again
}

const NAMES: Record<Picked, (words: Words) => string> = {
  brush: ({ brush }) => brush.label,
  points: ({ points }) => points.label,
  joints: ({ points }) => points.body,
  people: ({ people }) => people.label,
};
const HINTS: Partial<Record<Tool, (words: Words) => string>> = {
  brush: ({ brush }) => brush.hint,
  points: ({ points }) => points.hint,
  joints: ({ points }) => points.bodyHint,
};
const ICONS: Record<Picked, Icon> = { brush: "pen", points: POINTS, joints: BODY, people: "over" };
const SIZE = { key: "size", hint: "", kind: "number", min: 0.02, max: 0.3, step: 0.01 } as const;

export class Tools {
  readonly root: HTMLElement;
  private tool: Tool = "none";
  private readonly buttons = new Map<Picked, HTMLButtonElement>();
  private readonly hint = h("p", { class: "how" });
  private readonly brush = h("div", { class: "settings" });
  private readonly undo: HTMLButtonElement;
  private readonly automatic: HTMLButtonElement;
  private readonly options: HTMLElement;

  constructor(
    private readonly texts: Texts,
    private readonly events: ToolEvents,
  ) {
    for (const tool of ["brush", "points", "joints", "people"] as const) {
      const use = h("button", { type: "button", class: "quiet", "aria-pressed": "false" }, icon(ICONS[tool]));
      use.append(texts.span(NAMES[tool]));
      use.addEventListener("click", () => events.use(this.tool === tool ? "none" : tool));
      this.buttons.set(tool, use);
    }
    const plain = (name: Icon, of: (words: Words) => string, act: () => void): HTMLButtonElement => {
      const made = h("button", { type: "button", class: "quiet", onclick: act }, icon(name));
      made.append(texts.span(of));
      return made;
    };
    this.undo = plain(
      "undo",
      ({ adjust }) => adjust.undo,
      () => events.undo(),
    );
    this.automatic = plain(
      "clear",
      ({ brush }) => brush.automatic,
      () => events.automatic(),
    );
    const done = plain(
      "done",
      ({ adjust }) => adjust.done,
      () => events.use("none"),
    );
    this.options = h(
      "div",
      { class: "options" },
      this.hint,
      this.brush,
      h("div", { class: "row" }, this.undo, this.automatic, done),
    );
    this.root = h("div", { class: "tools" }, h("div", { class: "row" }, ...this.buttons.values()), this.options);
    texts.say((words) => this.build(words));
  }

  /** Show which tool is used, and which there is a use for. */
  show(tool: Tool, possible: Record<Picked, boolean>, changed: boolean): void {
    this.tool = tool;
    for (const [name, button] of this.buttons) {
      show(button, possible[name]);
      button.setAttribute("aria-pressed", String(name === tool));
    }
    show(this.root, Object.values(possible).some(Boolean));
    this.root.toggleAttribute("data-using", tool !== "none");
    show(this.options, tool !== "none");
    show(this.brush, tool === "brush");
    show(this.undo, tool === "brush");
    show(this.automatic, tool !== "people");
    for (const each of [this.undo, this.automatic]) each.disabled = !changed;
    this.hint.textContent = HINTS[tool]?.(this.texts.words) ?? "";
    show(this.hint, this.hint.textContent !== "");
  }

  private build({ brush }: Words): void {
    const labels = { add: brush.add, erase: brush.erase };
    const field = { key: "brush", title: brush.label, hint: "", reach: "all", kind: "choice" } as const;
    const kind = segments({ ...field, choices: ["add", "erase"], labels }, (value) =>
      this.events.erase(value === "erase"),
    );
    const size = slider({ ...SIZE, title: brush.size }, (value) => this.events.size(Number(value)));
    kind.show("add");
    size.show(0.08);
    this.events.erase(false);
    this.brush.replaceChildren(kind.root, size.root);
    this.hint.textContent = HINTS[this.tool]?.(this.texts.words) ?? "";
  }
}
