/** `<livedraft-sketch>`: draw, and the picture follows the pen. */

import { readAttribute, PARAMS } from "./attributes.ts";
import { readExamples } from "./examples.ts";
import type { Example } from "./examples.ts";
import type { Snapshot } from "./finals.ts";
import { identify } from "./identity.ts";
import type { Params } from "./protocol.ts";
import { Studio } from "./studio.ts";
import base from "./styles/base.css";
import controls from "./styles/controls.css";
import feedback from "./styles/feedback.css";
import gallery from "./styles/gallery.css";
import layout from "./styles/layout.css";
import palette from "./styles/palette.css";
import toolbar from "./styles/toolbar.css";
import { Theme } from "./theme.ts";

const CONNECTION = ["url", "model", "token"];

/**
 * Attributes: url model token prompt style seed strength steps size palette loras examples
 * locked (the seed) height layout (beside | over) refine (rest) theme (light | dark) state-key.
 * Events, all with `detail.params`: ready input stroke change submit clear; and error.
 */
export class LivedraftSketch extends HTMLElement {
  static readonly observedAttributes = [
    ...CONNECTION, ...PARAMS, "examples", "layout", "refine", "locked", "height",
  ];
  private readonly studio: Studio;
  private readonly theme: Theme;
  private readonly sight: IntersectionObserver;
  private readonly size: ResizeObserver;
  private readonly leave = (): void => this.studio.leave();
  private running = false;
  private reconnecting = false;
  private drawings: readonly Example[] = [];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const emit = (name: string, detail: Record<string, unknown> = {}): boolean =>
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
    this.studio = new Studio(this, emit, () => this.connect());
    const style = document.createElement("style");
    style.textContent = base + layout + toolbar + controls + palette + gallery + feedback;
    root.append(style, this.studio.root);
    // The inner fields' own events are composed and would be taken for the element's.
    for (const name of ["input", "change", "submit", "error"]) {
      root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.theme = new Theme(this, (theme) => (this.studio.root.dataset["theme"] = theme));
    this.sight = new IntersectionObserver((entries) =>
      this.studio.live.setVisible(entries.some((entry) => entry.isIntersecting)));
    const { canvas } = this.studio.paper;
    this.size = new ResizeObserver(() => this.studio.paper.fit(canvas.clientWidth * devicePixelRatio));
  }

  connectedCallback(): void {
    queueMicrotask(() => this.settle());
  }

  disconnectedCallback(): void {
    queueMicrotask(() => this.settle());
  }

  /** Begin or end once it is known where the element is: a framework may move it about in one task. */
  private settle(): void {
    if (this.running === this.isConnected) return;
    this.running = this.isConnected;
    if (this.running) this.begin();
    else this.end();
  }

  private begin(): void {
    this.theme.start();
    this.sight.observe(this);
    this.size.observe(this.studio.paper.canvas);
    addEventListener("pagehide", this.leave);
    // Gradio greys out a component while an event is pending; ink must stay visible.
    this.closest<HTMLElement>(".html-container")?.style.setProperty("opacity", "1", "important");
    void this.keep();
    this.connect();
  }

  private end(): void {
    removeEventListener("pagehide", this.leave);
    this.studio.close();
    this.size.disconnect();
    this.sight.disconnect();
    this.theme.stop();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (CONNECTION.includes(name)) this.reconnect();
    else if (name === "layout") this.studio.view.ask(value === "over" || value === "beside" ? value : null);
    else if (name === "refine") this.studio.view.refineOnRest(value === "rest");
    else if (name === "locked") this.studio.panel.seed.setLocked(value !== null);
    else if (name === "examples") void this.loadExamples(value ?? "[]");
    else if (name === "height") this.studio.root.style.setProperty("--height", length(value));
    else this.paramAttribute(name, value);
  }

  /** All params as they stand; setting merges key by key. */
  get params(): Params {
    return this.studio.settings.all;
  }

  set params(params: Params) {
    const given = Object.entries(params ?? {}).filter(([, value]) => value !== undefined && value !== null);
    this.studio.choose(Object.fromEntries(given));
  }

  /** What the element shows: params, and which picture. `snapshot()` gives the pictures. */
  get value(): { params: Params; empty: boolean; frame: { id: number; seed: number; stage: string; model: string } | null } {
    const { frame } = this.studio.result;
    const shown = frame && { id: frame.id, seed: frame.seed, stage: frame.stage, model: frame.model };
    return { params: this.params, empty: !this.studio.live.drawn, frame: shown };
  }

  /** The picture that is shown (PNG with its recipe), the drawing (PNG), and the params. */
  snapshot(): Promise<Snapshot> {
    return this.studio.snapshot();
  }

  /** Put a picture on the paper; one with a recipe brings back params and drawing. */
  async load(source: Blob | string): Promise<void> {
    const blob = typeof source === "string" ? await (await fetch(source)).blob() : source;
    await this.studio.open(blob);
  }

  /** Make the final picture; resolves with it after the `submit` event. */
  refine(): Promise<Snapshot> {
    return this.studio.submit();
  }

  /** The drawings to begin with. */
  get examples(): readonly Example[] {
    return this.drawings;
  }

  set examples(examples: readonly Example[]) {
    this.studio.examples.show(readExamples(examples ?? []));
    this.drawings = examples ?? [];
  }

  /** Begin with one of the examples at random, under a new seed. */
  surprise(): void {
    this.studio.examples.any();
  }

  clear(): void {
    this.studio.clear();
  }

  undo(): void {
    this.studio.undo();
  }

  redo(): void {
    this.studio.redo();
  }

  private async keep(): Promise<void> {
    const { keeping, history } = this.studio;
    if (!(await keeping.open(() => identify(this)))) return;
    history.open(keeping.key);
    this.studio.refreshParams();
  }

  private paramAttribute(name: string, value: string | null): void {
    const read = value === null ? null : readAttribute(name, value);
    if (read === undefined) return;
    this.studio.settings.attribute(name, read);
    this.studio.refreshParams();
  }

  /** Take examples as JSON, or from the address of such a file. */
  private async loadExamples(text: string): Promise<void> {
    const inline = text.trimStart().startsWith("[");
    try {
      const json: unknown = inline ? JSON.parse(text) : await (await fetch(new URL(text, document.baseURI))).json();
      if (this.getAttribute("examples") === text) this.examples = json as Example[];
    } catch (error) {
      this.dispatchEvent(new CustomEvent("error", { detail: { code: "invalid_drawing", message: String(error), fix: "see the page on embedding for the format", retryable: false } }));
    }
  }

  /** Connect anew, once for several attributes that change together. */
  private reconnect(): void {
    if (this.reconnecting || !this.running) return;
    this.reconnecting = true;
    queueMicrotask(() => {
      this.reconnecting = false;
      if (this.running) this.connect();
    });
  }

  private connect(): void {
    // Within <gradio-app> relative addresses mean the app's server, not the page that embeds it.
    const base = this.closest("gradio-app")?.getAttribute("src") ?? document.baseURI;
    const url = new URL(this.getAttribute("url") || "/", new URL(base, document.baseURI)).href;
    const { model, token } = { model: this.getAttribute("model") ?? "", token: this.getAttribute("token") ?? "" };
    this.studio.notice.hide();
    this.studio.live.start({ url, model, token });
  }
}

function length(value: string | null): string {
  return value && /^\d+$/.test(value) ? `${value}px` : (value ?? "");
}
