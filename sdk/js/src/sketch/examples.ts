/** Drawings to begin with: read from JSON, shown as small pictures where nothing is drawn yet. */

import { LivedraftError } from "../errors.ts";
import { button } from "../ui/button.ts";
import { h, show } from "../ui/dom.ts";
import { icon } from "../ui/icons.ts";
import type { Stroke } from "./drawing.ts";
import { paint } from "./paint.ts";
import { fromJson } from "./strokes.ts";

/** One drawing, as `<livedraft-sketch>` takes it. */
export interface Example {
  name: string;
  prompt: string;
  style?: string;
  strokes: unknown; // see strokes.ts
}

export type Read = Omit<Example, "strokes"> & { strokes: Stroke[] };

const THUMBNAIL_PX = 144; // of the picture; it is shown at half of that, or less

/** Return examples that are fit to be drawn; throw `invalid_drawing`. */
export function readExamples(json: unknown): Read[] {
  if (!Array.isArray(json)) throw new LivedraftError({ code: "invalid_drawing", message: "examples are a list" });
  return json.map((each: Partial<Example> | null) => ({
    name: String(each?.name ?? ""),
    prompt: String(each?.prompt ?? each?.name ?? ""),
    ...(each?.style ? { style: String(each.style) } : {}),
    strokes: fromJson(each?.strokes),
  }));
}

export class Examples {
  /** Lies over the empty result, or at the foot of an empty sheet. */
  readonly root: HTMLElement;
  /** For a menu: begins with any of them. */
  readonly surprise = button("surprise", "Surprise me with one of the examples", () => this.any());
  private readonly list = h("ul");
  private all: Read[] = [];
  private last: Read | null = null; // so that a surprise is another one each time

  constructor(private readonly use: (example: Read, surprise: boolean) => void) {
    const more = h(
      "button",
      { type: "button", class: "surprise", onclick: () => this.any() },
      icon("surprise"),
      h("span", {}, "Surprise me"),
    );
    this.surprise.append(h("span", {}, "Surprise me"));
    this.surprise.className = "quiet";
    this.root = h(
      "div",
      { class: "gallery", role: "group", "aria-label": "Examples", part: "examples" },
      h("p", { class: "lead" }, "Begin with one of these"),
      this.list,
      more,
    );
    this.show([]);
  }

  show(all: Read[]): void {
    this.all = all;
    show(this.root, all.length > 0);
    show(this.surprise, all.length > 0);
    this.list.replaceChildren(
      ...all.map((each) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              "aria-label": `Draw ${each.name}`,
              title: each.prompt,
              onclick: () => this.use(each, false),
            },
            thumbnail(each),
          ),
        ),
      ),
    );
  }

  /** Begin with one of them at random, not the same twice running. */
  any(): void {
    const others = this.all.filter((each) => each !== this.last);
    const from = others.length ? others : this.all;
    const chosen = from[Math.floor(Math.random() * from.length)];
    if (!chosen) return;
    this.last = chosen;
    this.use(chosen, true);
  }
}

function thumbnail({ strokes }: Read): HTMLCanvasElement {
  const canvas = h("canvas", { width: THUMBNAIL_PX, height: THUMBNAIL_PX });
  const context = canvas.getContext("2d");
  if (context) for (const stroke of strokes) paint(context, { ...stroke, size: stroke.size * 1.5 }, THUMBNAIL_PX);
  return canvas;
}
