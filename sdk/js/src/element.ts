/** `<livedraft-sketch>`: draw, and the picture follows the pen. */

import { PARAMS, property, readAttribute, reflect } from "./attributes.ts";
import { LivedraftError } from "./errors.ts";
import { readExamples } from "./examples.ts";
import type { Example } from "./examples.ts";
import type { Snapshot } from "./finals.ts";
import { FormField } from "./form.ts";
import { identify } from "./identity.ts";
import { absolute } from "./protocol.ts";
import type { Params } from "./protocol.ts";
import { Studio } from "./studio.ts";
import { adopt } from "./styles/index.ts";
import { Theme } from "./theme.ts";

const CONNECTION = ["url", "model", "token"];
const LIKE_A_FIELD = ["input", "change"]; // events that bubble, as those of a form's fields do

/** Where no page is, as on a server that renders one, the module can be imported all the same. */
const Base = (typeof HTMLElement === "undefined" ? Object : HTMLElement) as typeof HTMLElement;

/**
 * Attributes: url model token prompt picture-style seed strength steps size palette loras examples
 * locked (the seed) height layout (beside | over) refine-when (rest) theme (light | dark) state-key;
 * of a form's field: name required disabled. Each has a property.
 * Events, all with `detail.params`: ready input stroke frame change submit clear; and error.
 */
export class LivedraftSketch extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes = [
    ...CONNECTION, ...Object.keys(PARAMS), "examples", "layout", "refine-when", "locked", "height", "theme",
    "state-key", "name", "required", "disabled",
  ];
  private static warned = false;
  private readonly studio: Studio;
  private readonly field: FormField;
  private readonly internals: ElementInternals;
  private readonly look: Theme;
  private readonly sight: IntersectionObserver;
  private readonly resize: ResizeObserver;
  private readonly leave = (): void => this.studio.leave();
  private running = false;
  private reconnecting = false;
  private drawings: readonly Example[] = [];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    this.internals = this.attachInternals();
    this.studio = new Studio(this, {
      emit: (name, detail) => this.emit(name, detail),
      retry: () => this.connect(),
      drawn: (drawn) => this.field.check(drawn),
    });
    const { canvas } = this.studio.paper;
    this.field = new FormField(this, this.internals, canvas, () => this.studio.snapshotNow());
    this.studio.refresh();
    this.look = new Theme(this, (theme) => (this.studio.root.dataset["theme"] = theme));
    adopt(root);
    root.append(this.look.probe, this.studio.root);
    // The inner fields' own events are composed and would be taken for the element's.
    for (const name of ["input", "change", "submit", "error"]) {
      root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.sight = new IntersectionObserver((entries) =>
      this.studio.live.setVisible(entries.some((entry) => entry.isIntersecting)));
    this.resize = new ResizeObserver(() => this.studio.paper.fit(canvas.clientWidth * devicePixelRatio));
  }

  connectedCallback(): void {
    this.takeProperties();
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
    if (!LivedraftSketch.warned && /^[\w\s-]+$/.test(this.getAttribute("style") ?? "")) {
      LivedraftSketch.warned = true;
      console.warn('<livedraft-sketch>: the attribute "style" is CSS; a model\'s style is "picture-style"');
    }
    this.look.start();
    this.sight.observe(this);
    this.resize.observe(this.studio.paper.canvas);
    addEventListener("pagehide", this.leave);
    // Gradio greys out a component while an event is pending; ink must stay visible.
    const box = this.closest<HTMLElement>(".html-container");
    box?.style.setProperty("opacity", "1", "important");
    // It also drops an HTML's least width, and two in a row would lie over each other on a phone.
    box?.parentElement?.style.setProperty("min-width", `min(${getComputedStyle(this).minWidth}, 100%)`, "important");
    void this.keep();
    this.connect();
  }

  private end(): void {
    removeEventListener("pagehide", this.leave);
    this.studio.close();
    this.resize.disconnect();
    this.sight.disconnect();
    this.look.stop();
  }

  adoptedCallback(): void {
    if (this.shadowRoot) adopt(this.shadowRoot);
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.field.join(form);
  }

  formDisabledCallback(disabled: boolean): void {
    this.field.disable(disabled);
    this.studio.disable(disabled);
  }

  formResetCallback(): void {
    this.studio.reset();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (CONNECTION.includes(name)) this.reconnect();
    else if (name === "layout") this.studio.view.ask(value === "over" || value === "beside" ? value : null);
    else if (name === "refine-when") this.studio.view.refineOnRest(value === "rest");
    else if (name === "locked") this.studio.panel.seed.setLocked(value !== null);
    else if (name === "examples") void this.loadExamples(value ?? "[]");
    else if (name === "height") this.studio.root.style.setProperty("--height", length(value));
    else if (name === "required") this.field.check(this.studio.live.drawn);
    else if (name === "theme") this.look.apply();
    else if (name in PARAMS) this.paramAttribute(name, value);
  }

  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  get validity(): ValidityState {
    return this.internals.validity;
  }

  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  checkValidity(): boolean {
    return this.internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.internals.reportValidity();
  }

  /** The focus goes to the paper, where a label or a message about the element sends it. */
  override focus(options?: FocusOptions): void {
    this.studio.paper.canvas.focus(options);
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
    return this.studio.finals.snapshot();
  }

  /** Put a picture on the paper; one with a recipe brings back params and drawing. */
  async load(source: Blob | string): Promise<void> {
    await this.studio.open(source);
  }

  /** Make the final picture; resolves with it after the `submit` event. */
  refine(): Promise<Snapshot> {
    return this.studio.submit();
  }

  /** The drawings to begin with. */
  get examples(): readonly Example[] {
    return this.drawings;
  }

  set examples(examples: readonly Example[] | string) {
    if (typeof examples === "string") this.setAttribute("examples", examples);
    else {
      this.studio.examples.show(readExamples(examples ?? []));
      this.drawings = examples ?? [];
    }
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
    this.studio.paper.redo();
  }

  private async keep(): Promise<void> {
    const { keeping, history } = this.studio;
    if (!(await keeping.open(() => identify(this)))) return;
    history.open(keeping.key);
    this.studio.refreshParams();
  }

  private emit(name: string, detail: Record<string, unknown>): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: LIKE_A_FIELD.includes(name), detail }));
  }

  /** Take properties that were set before this class was there, and would now hide its own. */
  private takeProperties(): void {
    for (const name of ["params", ...LivedraftSketch.observedAttributes.map(property)]) {
      if (!Object.hasOwn(this, name)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  private paramAttribute(name: string, value: string | null): void {
    const read = value === null ? null : readAttribute(name, value);
    if (read === undefined) return;
    this.studio.settings.attribute(PARAMS[name] ?? name, read);
    this.studio.refreshParams();
  }

  /** Take examples as JSON, or from the address of such a file. */
  private async loadExamples(text: string): Promise<void> {
    const inline = text.trimStart().startsWith("[");
    try {
      const json: unknown = inline ? JSON.parse(text) : await (await fetch(new URL(text, document.baseURI))).json();
      if (this.getAttribute("examples") === text) this.examples = json as Example[];
    } catch (error) {
      const known = error instanceof LivedraftError ? error.message : String(error);
      this.emit("error", { code: "invalid_drawing", message: known, fix: "see the page on embedding for the format", retryable: false });
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
    const url = absolute(this.getAttribute("url") || "/", absolute(base, document.baseURI));
    const { model, token } = { model: this.getAttribute("model") ?? "", token: this.getAttribute("token") ?? "" };
    this.studio.notice.hide();
    this.studio.live.start({ url, model, token });
  }
}

reflect(LivedraftSketch.prototype, LivedraftSketch.observedAttributes);

function length(value: string | null): string {
  return value && /^\d+$/.test(value) ? `${value}px` : (value ?? "");
}
