/** The line at the foot: connection, rate, latency and what limits it; the stages on a click. */

import type { Loading } from "../client/protocol.ts";
import type { State } from "../client/session.ts";
import { h, show } from "./dom.ts";

/** What there is to read of a session just now. */
export interface Reading {
  rate: number; // pictures a second
  latencyMs: number;
  latency: string; // what it is the time of, as in " pen to picture"; empty: there is none
  by?: string; // what it goes by
  limit: string; // what takes the longest; empty if nothing stands out
  stages: readonly (readonly [kind: Stage, name: string, ms: number])[];
  counts: readonly (readonly [name: string, count: string])[];
}

export type Stage = "encode" | "network" | "queue" | "model" | "browser"; // its colour

const LABELS: Record<State, string> = {
  connecting: "Connecting",
  queued: "Waiting for a place",
  open: "Live",
  generating: "Live",
  idle: "Paused, draws on as soon as you draw",
  reconnecting: "Reconnecting",
  closed: "Disconnected",
};
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
  private readonly done = h("i");
  private readonly progress = h(
    "div",
    { class: "progress", role: "progressbar", "aria-label": "Loading", "aria-valuemin": 0, "aria-valuemax": 100 },
    this.done,
  );
  private readonly stages = h("div", { class: "stages" });
  private readonly live = h("span", { class: "unseen", role: "status", "aria-live": "polite" });
  private lineAt = -Infinity;
  private announced = "";
  private latest: Reading | null = null;

  constructor(private readonly labels: Partial<Record<State, string>> = {}) {
    this.root = h("div", { class: "foot" }, this.progress, this.pill, this.line, this.live, this.stages);
    show(this.stages, false);
    show(this.line, false);
    this.state("connecting");
  }

  /** Show how far a model is that the session waits for: in words, and as a bar. */
  loading({ title, state, done, total, message }: Loading): void {
    const percent = total ? Math.min(100, Math.floor((100 * done) / total)) : null;
    this.pill.textContent = message;
    this.pill.dataset["state"] = "loading";
    this.progress.setAttribute("aria-valuetext", message);
    if (percent === null) this.progress.removeAttribute("aria-valuenow");
    else this.progress.setAttribute("aria-valuenow", String(percent));
    this.progress.toggleAttribute("data-unknown", percent === null);
    this.done.style.width = percent === null ? "" : `${percent}%`;
    show(this.progress, true);
    this.say(`${state === "warming" ? "Warming up" : "Loading"} ${title}`);
  }

  /** Show the connection's state; `words` say more than its name does. */
  state(state: State, position = 0, words = ""): void {
    show(this.progress, false);
    const queued = state === "queued" && position ? `Place ${position} in the queue` : "";
    const text = words || queued || (this.labels[state] ?? LABELS[state]);
    if (this.pill.textContent !== text) this.pill.textContent = text; // or each frame lays it out
    this.pill.dataset["state"] = state;
    const live = state === "open" || state === "generating";
    show(this.line, live && this.latest !== null);
    this.say(text);
  }

  /** Tell a screen reader, once for each change. */
  say(text: string): void {
    if (text !== this.announced) this.live.textContent = this.announced = text;
  }

  /** Take a reading at `now` (ms), if the last has been there long enough to be read. */
  read(reading: Reading, now: number): void {
    if (now - this.lineAt < LINE_MS || (reading.latency && !reading.latencyMs)) return;
    this.lineAt = now;
    const wide = (text: string): HTMLElement => h("span", { class: "wide" }, text);
    const { rate, latencyMs, latency, by, limit } = reading;
    const took = latency ? [` · ${ms(latencyMs)}`, wide(latency)] : [];
    this.line.replaceChildren(`${rate} fps`, ...took, by ? ` · ${by}` : "", limit && ` · limited by ${limit}`);
    show(this.line, true);
    if (!this.stages.hidden) this.draw(reading);
    this.latest = reading;
  }

  /** Take the line away: nothing flows. */
  clear(): void {
    this.latest = null;
    this.lineAt = -Infinity;
    this.open(false);
    show(this.line, false);
  }

  private open(open: boolean): void {
    show(this.stages, open);
    this.line.setAttribute("aria-expanded", String(open));
    if (open && this.latest) this.draw(this.latest);
  }

  private draw({ stages, counts }: Reading): void {
    const total = stages.reduce((sum, [, , time]) => sum + time, 0) || 1;
    const bars = stages.map(([kind, , time]) =>
      h("i", { class: `bar ${kind}`, style: { "flex-grow": String(time / total) } }),
    );
    const names = stages.map(([kind, name, time]) => h("li", { class: kind }, `${name} `, h("b", {}, ms(time))));
    const plain = counts.map(([name, count]) => h("li", { class: "plain" }, `${name} `, h("b", {}, count)));
    this.stages.replaceChildren(
      h("div", { class: "bars", "aria-hidden": "true" }, ...bars),
      h("ul", {}, ...names, ...plain),
    );
  }
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
