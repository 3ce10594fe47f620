/** The menu of models: those of the server that the element can talk to, where there are several. */

import { serverOf } from "../client/address.ts";
import type { ModelInfo } from "../client/protocol.ts";
import type { Connection } from "./connection.ts";
import { h, show } from "./dom.ts";

export class ModelMenu {
  readonly root: HTMLElement;
  private readonly select = h("select", { "aria-label": "Model", part: "model" });
  private known: { at: string; models: ModelInfo[] } | null = null;

  /** `fits` says which models the element can use; `pick` hears which one the user takes. */
  constructor(
    private readonly fits: (model: ModelInfo) => boolean,
    pick: (model: ModelInfo) => void,
  ) {
    this.select.addEventListener("change", () => {
      const model = this.known?.models.find(({ id }) => id === this.select.value);
      if (model) pick(model);
    });
    this.root = h("label", { class: "field model" }, h("span", { class: "name" }, "Model"), this.select);
    show(this.root, false);
  }

  /** Take the menu away: the page says which model it is. */
  hide(): void {
    show(this.root, false);
  }

  /** Show which model it is, as after another was refused. */
  show(model: string): void {
    this.select.value = model;
  }

  /** List the server's models, with the one that a session opened with. */
  async offer(connection: Connection, opened: ModelInfo): Promise<void> {
    const at = serverOf(connection.url);
    if (this.known?.at !== at) this.known = { at, models: await listed(at, connection.token) };
    const found = this.known.models.filter(this.fits);
    const options = found.map(({ id, title }) => h("option", { value: id, selected: id === opened.id }, title || id));
    this.select.replaceChildren(...options);
    show(this.root, found.length > 1 && found.some(({ id }) => id === opened.id));
  }
}

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
