/** An element of a third kind, by the base alone, in a page, with a line to a server. */

import { afterEach } from "node:test";
import { SessionPanel } from "../../src/ui/session_panel.ts";
import { OPENED } from "../client/stand_ins.ts";
import type { Element } from "../doubles/dom.ts";
import { Line } from "../doubles/line.ts";
import { installPage } from "../doubles/page.ts";

installPage();
export const line = Line.install();
const { define, LiveElement } = await import("../../src/ui/element.ts"); // takes the page's HTMLElement as its base

/** All that an element of a new kind has to say: which models it can use, and what it looks like. */
class Plain extends LiveElement {
  static readonly observedAttributes = LiveElement.shared;

  constructor() {
    super();
    const panel = new SessionPanel(this.host, { fits: ({ id }) => id !== "metronome" });
    const shown = document.createElement("div");
    shown.append(panel.notice.root, panel.models.root, panel.params.block(), panel.readout.root);
    this.mount(panel, shown, ".plain { color: red }");
  }
}
define("livedraft-plain", Plain);

type Told = { type: string; detail: Record<string, unknown> };
const SCHEMA = {
  properties: {
    prompt: { type: "string", default: "" },
    strength: { type: "number", minimum: 0, maximum: 1, default: 0.5 },
    seed: { type: "integer", minimum: 0, maximum: 10, default: 1 },
  },
};
export const MODEL = { ...OPENED.model, params_schema: SCHEMA, max_steps: 4 };
export const READY = { ...OPENED, model: MODEL, params: { prompt: "", strength: 0.5, seed: 1 } };

export let element: Element & Record<string, unknown>;
let told: Told[];

/** Make one, which is in no page yet. */
export function made(): typeof element {
  element = document.createElement("livedraft-plain") as never;
  return element;
}

/** Put one into the page and let it connect. */
export async function begin(attributes: Record<string, string> = {}): Promise<void> {
  made();
  told = [];
  for (const name of ["ready", "input", "error", "diagnostics"])
    element.addEventListener(name, (event) => told.push(event as unknown as Told));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  (document.body as unknown as Element).append(element);
  await line.settle();
}

export function heard(name: string): Record<string, unknown>[] {
  return told.filter((each) => each.type === name).map(({ detail }) => detail);
}

afterEach(async () => {
  element.remove(); // or its session lives on
  await line.settle();
  line.reset();
});
