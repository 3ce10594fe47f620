/** The line at the foot: connection, rate, latency and what limits it; the stages on a click. */

import type { State } from "../client/session.ts";
import type { Limit, Stats } from "../client/stats.ts";
import { h, show } from "./dom.ts";

const LABELS: Record<State, string> = {
  connecting: "Connecting",
  queued: "Waiting for a place",
  open: "Live",
  generating: "Live",
  idle: "Paused, draws on as soon as you draw",
  reconnecting: "Reconnecting",
  closed: "Disconnected",
};
const LIMITS: Record<Limit, string> = {
  model: "the model",
  network: "the network",
  encode: "encoding here",
  browser: "this browser",
  queue: "others' turns",
};
const STAGES: [Limit, string, (stats: Stats) => number][] = [
  ["encode", "Encode", (s) => s.encodeMs],
  ["network", "Network", (s) => s.networkMs],
  ["queue", "Queue", (s) => s.queueMs],
  ["model", "Model", (s) => s.modelMs],
  ["browser", "Browser", (s) => s.browserMs],
];
const LINE_MS = 500; // between changes of the line, so that it can be read

export class Readout {
  readonly root: HTMLElement;
  private readonly pill = h("span", { class: "pill", part: "state" });
  private readonly line = h("button", {
    type: "button",
    class: "line",
    "aria-expanded": "false",
    onclick: () => this.open(this.stages.hidden),
  });
  private readonly stages = h("div", { class: "stages" });
  private readonly live = h("span", { class: "unseen", role: "status", "aria-live": "polite" });
  private lineAt = -Infinity;
  private said = "";
  private latest: Stats | null = null;

  constructor() {
    this.root = h("div", { class: "foot" }, this.pill, this.line, this.live, this.stages);
    show(this.stages, false);
    show(this.line, false);
    this.state("connecting");
  }

  state(state: State, position = 0): void {
    const text = state === "queued" && position ? `Place ${position} in the queue` : LABELS[state];
    if (this.pill.textContent !== text) this.pill.textContent = text; // or each frame lays it out
    this.pill.dataset["state"] = state;
    const live = state === "open" || state === "generating";
    show(this.line, live && this.latest !== null);
    this.say(text);
  }

  /** Tell a screen reader, once for each change. */
  say(text: string): void {
    if (text !== this.said) this.live.textContent = this.said = text;
  }

  stats(stats: Stats, now: number): void {
    if (now - this.lineAt < LINE_MS || !stats.penToPixelMs) return;
    this.lineAt = now;
    const rate = `${stats.fps} fps`;
    const wide = (text: string): HTMLElement => h("span", { class: "wide" }, text);
    this.line.replaceChildren(
      `${rate} · ${ms(stats.penToPixelMs)}`,
      wide(" pen to picture"),
      ` · limited by ${LIMITS[stats.limiting]}`,
    );
    show(this.line, true);
    if (!this.stages.hidden) this.draw(stats);
    this.latest = stats;
  }

  private open(open: boolean): void {
    show(this.stages, open);
    this.line.setAttribute("aria-expanded", String(open));
    if (open && this.latest) this.draw(this.latest);
  }

  private draw(stats: Stats): void {
    const total = STAGES.reduce((sum, [, , of]) => sum + of(stats), 0) || 1;
    const bars = STAGES.map(([stage, , of]) =>
      h("i", { class: `bar ${stage}`, style: { "flex-grow": String(of(stats) / total) } }),
    );
    const names = STAGES.map(([stage, name, of]) => h("li", { class: stage }, `${name} `, h("b", {}, ms(of(stats)))));
    this.stages.replaceChildren(
      h("div", { class: "bars", "aria-hidden": "true" }, ...bars),
      h("ul", {}, ...names, h("li", { class: "plain" }, "Superseded drafts ", h("b", {}, String(stats.dropped)))),
    );
  }
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
