/** The strip: each style on the user's own picture; one of them is taken, or two are mixed by their shares. */

import type { Params } from "../client/protocol.ts";
import { along, h, show, words } from "../ui/dom.ts";
import { toggle } from "../ui/fields.ts";
import type { Field } from "../ui/schema.ts";

export type Styles = Extract<Field, { kind: "choice" }>;

export interface StripEvents {
  change(params: Params): void;
  refresh(): void; // the previews are to show the picture of now
}

interface Tile {
  root: HTMLButtonElement;
  picture: HTMLImageElement;
}

export class Strip {
  readonly root: HTMLElement;
  private readonly row = h("div", { class: "tiles", role: "radiogroup" });
  private readonly first = h("span", { class: "name" });
  private readonly second = h("span", { class: "name" });
  private readonly share = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.01,
    "aria-label": "Share of the second",
  });
  private readonly shares = h("label", { class: "field shares" }, this.first, this.share, this.second);
  private readonly mixes = toggle({ title: "Mix two", hint: "The next style you choose is mixed in." }, (on) =>
    this.mix(on),
  );
  private readonly renew = h(
    "button",
    { type: "button", class: "quiet", onclick: () => this.events.refresh() },
    "Renew previews",
  );
  private tiles = new Map<string, Tile>();
  private styles: Styles | null = null;
  private mixing = false;
  private params: Params = {};

  constructor(private readonly events: StripEvents) {
    this.share.addEventListener("input", () => {
      const { mix } = this.styles ?? {};
      if (mix) this.change({ [mix.share]: this.share.valueAsNumber });
    });
    this.row.addEventListener("keydown", (event) => this.key(event));
    const tools = h("div", { class: "mixing" }, this.mixes.root, this.shares, this.renew);
    this.root = h("div", { class: "strip", part: "styles" }, this.row, tools);
    this.build(null);
  }

  /** The styles that there are, in order. */
  get names(): string[] {
    return [...this.tiles.keys()];
  }

  /** Draw a model's styles; null: it has none. */
  build(styles: Styles | null): void {
    this.styles = styles;
    this.row.setAttribute("aria-label", styles?.title ?? "");
    this.tiles = new Map((styles?.choices ?? []).map((style) => [String(style), this.tile(String(style))]));
    this.row.replaceChildren(...[...this.tiles.values()].map(({ root }) => root));
    this.mixing = false;
    show(this.root, styles !== null);
    show(this.mixes.root, styles?.mix !== undefined);
    this.preview(null);
  }

  /** Show which are taken. */
  show(params: Params): void {
    this.params = params;
    const { styles } = this;
    if (!styles) return;
    const { mix } = styles;
    const share = mix ? Number(params[mix.share] ?? 0) : 0;
    if (share > 0) this.mixing = true;
    const one = String(params[styles.key] ?? "");
    const other = mix && this.mixing ? String(params[mix.second] ?? "") : "";
    for (const [style, { root }] of this.tiles) {
      root.setAttribute("aria-checked", String(style === one));
      root.toggleAttribute("data-second", style === other && style !== one);
      root.tabIndex = style === one ? 0 : -1;
    }
    this.mixes.show(this.mixing);
    show(this.shares, this.mixing && other !== one);
    this.first.textContent = words(one);
    this.second.textContent = words(other);
    this.share.value = String(share);
    this.share.style.setProperty("--part", `${share * 100}%`);
    this.share.setAttribute("aria-valuetext", `${Math.round(share * 100)} % ${words(other)}`);
  }

  /** Show a style's preview; null: there are none. */
  preview(made: { style: string; url: string } | null): void {
    show(this.renew, made !== null);
    if (!made) return;
    const picture = this.tiles.get(made.style)?.picture;
    if (!picture) return;
    URL.revokeObjectURL(picture.src);
    picture.src = made.url;
    show(picture, true);
  }

  private tile(style: string): Tile {
    const picture = h("img", { alt: "", draggable: "false" });
    show(picture, false);
    const of = {
      type: "button",
      role: "radio",
      class: "tile",
      "aria-checked": "false",
      onclick: () => this.pick(style),
    };
    return {
      root: h("button", of, h("span", { class: "look" }, picture), h("span", { class: "called" }, words(style))),
      picture,
    };
  }

  private pick(style: string): void {
    const { styles, mixing, params } = this;
    if (!styles) return;
    const { key, mix } = styles;
    if (!mix || !mixing) return this.change({ [key]: style });
    if (style === params[key]) return;
    this.change({ [mix.second]: style, [mix.share]: Number(params[mix.share]) || 0.5 });
  }

  private mix(on: boolean): void {
    const { mix } = this.styles ?? {};
    if (!mix) return;
    this.mixing = on;
    const { key } = this.styles!;
    const differ = this.params[mix.second] !== this.params[key];
    this.change({ [mix.share]: on && differ ? 0.5 : 0 });
  }

  private change(params: Params): void {
    this.show({ ...this.params, ...params });
    this.events.change(params);
  }

  private key(event: KeyboardEvent): void {
    const all = [...this.tiles.values()].map(({ root }) => root);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? along(event.key, this.row);
    const from = all.indexOf(event.target as HTMLButtonElement);
    if (!step || from < 0) return;
    event.preventDefault();
    const to = all[(from + step + all.length) % all.length]!;
    to.focus();
    to.click();
  }
}
