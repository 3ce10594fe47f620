/** The menu of models: what drafts and what finishes, of those of the server that the element can use. */

import { serverOf } from "../client/address.ts";
import type { Loading, ModelInfo } from "../client/protocol.ts";
import type { Connection } from "./connection.ts";
import { h, show } from "./dom.ts";

/** What an element finishes with: which models can, what the user takes, and what takes no picture. */
export interface Finishing {
  fits(model: ModelInfo): boolean;
  pick(model: string): void; // empty: the one that drafts
  anew(model: ModelInfo): boolean; // whether it draws from the prompt alone
}

interface Listed {
  at: string;
  connection: Connection;
  models: ModelInfo[];
}

const SAME = "Same as draft";
const ANEW = "draws anew from the prompt, not from your sketch";
const LIMITED: Record<string, string> = { no: "no commercial use", capped: "commercial use is capped" };
const COMMERCIAL: Record<string, string> = { ...LIMITED, yes: "commercial use allowed" };

export class ModelMenu {
  readonly root: HTMLElement;
  private readonly select = h("select", { "aria-label": "Model", part: "model" });
  private readonly finish = h("select", { "aria-label": "Finish with", part: "finish" });
  private readonly finishing: HTMLElement;
  private readonly facts = h("p", { class: "note facts", "aria-live": "polite" });
  private known: Listed | null = null;
  private readonly coming = new Map<string, Loading>(); // how far models are that are not served yet
  private readonly settled = new Set<string>(); // that came, or failed, after the list was asked for
  private drafts = "";
  private finishes = "";
  private wanted = ""; // a model that is to draft once it is there

  /** `fits` says which models can draft; `pick` hears which one the user takes. */
  constructor(
    private readonly fits: (model: ModelInfo) => boolean,
    private readonly pick: (model: ModelInfo) => void,
    private readonly final?: Finishing,
  ) {
    this.select.addEventListener("change", () => this.chosen());
    this.finish.addEventListener("change", () => {
      this.finishes = this.finish.value;
      this.tell();
      this.final?.pick(this.finishes);
    });
    const named = (text: string, select: HTMLElement): HTMLElement =>
      h("label", { class: "field model" }, h("span", { class: "name" }, text), select);
    this.finishing = named("Finish with", this.finish);
    this.root = h(
      "div",
      { class: "models", role: "group", "aria-label": "Models" },
      named("Model", this.select),
      this.finishing,
      this.facts,
    );
    show(this.finishing, this.final !== undefined);
    show(this.root, false);
  }

  /** Take the menu away: the page says which model it is. */
  hide(): void {
    this.coming.clear(); // a session that opens is told anew
    show(this.root, false);
  }

  /** Show which model it is, as after another was refused. */
  show(model: string): void {
    this.drafts = this.select.value = model;
    this.wanted = "";
    this.tell();
  }

  /** Show which model finishes; empty: the one that drafts. */
  showFinish(model: string): void {
    this.finishes = this.finish.value = model;
    this.tell();
  }

  /** List the server's models, with the one that a session opened with. */
  async offer(connection: Connection, opened: ModelInfo, finishes = this.finishes): Promise<void> {
    const at = serverOf(connection.url);
    [this.drafts, this.finishes] = [opened.id, finishes];
    if (this.known?.at !== at || this.coming.size > 0) {
      // what came while there was no session was not told
      this.coming.clear();
      this.settled.clear();
      this.known = { at, connection, models: await listed(at, connection.token) };
    }
    this.fill();
    this.takeOver();
  }

  /** Take how far a model is that others wait for; what was wanted goes on once it is there. */
  async told(loading: Loading): Promise<void> {
    const { model, state } = loading;
    const settled = state === "ready" || state === "failed";
    const news = settled || !this.known?.models.some(({ id }) => id === model);
    if (settled) this.coming.delete(model);
    else this.coming.set(model, loading);
    if (settled) this.settled.add(model);
    else this.settled.delete(model);
    if (news && this.known) this.known.models = await listed(this.known.at, this.known.connection.token);
    this.fill();
    if (settled) this.takeOver();
  }

  /** How far a model is, in words; empty for one that is served. */
  progress(model: string): string {
    return this.coming.get(model)?.message ?? "";
  }

  /** Draft with the model that was wanted, if it is there now; one that failed is wanted no more. */
  private takeOver(): void {
    if (!this.wanted || this.progress(this.wanted)) return;
    const found = this.known?.models.find(({ id }) => id === this.wanted);
    this.show(this.drafts);
    if (found) this.pick(found);
  }

  private chosen(): void {
    const model = this.known?.models.find(({ id }) => id === this.select.value);
    if (!model) return;
    this.wanted = this.progress(model.id) ? model.id : "";
    this.tell();
    if (!this.wanted) this.pick(model);
  }

  private fill(): void {
    const models = this.known?.models ?? [];
    for (const each of models) {
      const { id, title, state, progress } = each;
      if (state && state !== "ready" && !this.coming.has(id) && !this.settled.has(id))
        this.coming.set(id, { ...NOTHING, model: id, title, message: String(progress ?? "") });
    }
    const found = models.filter(this.fits);
    const shown = this.wanted || this.drafts;
    this.select.replaceChildren(...found.map((each) => this.option(each, each.id === shown)));
    const finals = this.final ? models.filter(this.final.fits) : [];
    const same = h("option", { value: "", selected: this.finishes === "" }, SAME);
    this.finish.replaceChildren(same, ...finals.map((each) => this.option(each, each.id === this.finishes)));
    show(this.finishing, finals.length > 1);
    const several = found.length > 1 || finals.length > 1;
    show(this.root, several && found.some(({ id }) => id === this.drafts));
    this.tell();
  }

  private option(model: ModelInfo, selected: boolean): HTMLOptionElement {
    const { id, title, description = "" } = model;
    const state = this.progress(id) && "not there yet";
    const parts = [title || id, LIMITED[String(model["commercial"])], state];
    return h("option", { value: id, selected, title: description }, parts.filter(Boolean).join(" · "));
  }

  /** Say what there is to know of the models that are chosen, and what is waited for. */
  private tell(): void {
    const [draft, final] = [this.wanted || this.drafts, this.finishes];
    const lines = [...new Set([draft, final])].flatMap((id) => {
      const model = this.known?.models.find((each) => each.id === id);
      if (!model) return [];
      const { title, description } = model;
      const facts = this.about(model, id === draft);
      if (!description) return [h("span", {}, `${title || id}: ${facts}`)];
      return [h("span", { class: "said" }, `${title || id}: ${description}`), h("span", {}, facts)];
    });
    this.facts.replaceChildren(...lines);
  }

  private about(model: ModelInfo, drafts: boolean): string {
    const { id, draft_steps: few, max_steps: most } = model;
    const words = (key: string): string => String(model[key] ?? "");
    const steps = few && (drafts ? `${few} ${few === 1 ? "step" : "steps"}` : `up to ${most} steps`);
    const anew = !drafts && this.final?.anew(model) ? ANEW : "";
    const waits =
      this.progress(id) && `${this.progress(id)}${this.wanted === id ? ": it takes over once it is there" : ""}`;
    const task = model.description ? "" : words("task");
    const said = [task, anew, words("licence"), COMMERCIAL[words("commercial")], steps, waits];
    return said.filter(Boolean).join(", ");
  }
}

const NOTHING: Loading = {
  type: "loading",
  model: "",
  title: "",
  state: "waiting",
  done: 0,
  total: 0,
  unit: "",
  message: "",
};

/** Return the models of a server; none where it does not let this page ask. */
async function listed(server: string, token: string): Promise<ModelInfo[]> {
  try {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const answer = await fetch(`${server}/v1/models`, { headers });
    if (!answer.ok) return [];
    const { models } = (await answer.json()) as { models: ModelInfo[] };
    return models;
  } catch {
    return []; // the session itself tells what is wrong
  }
}
