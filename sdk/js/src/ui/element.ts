/** What the elements of livedraft share: a server to talk to, a look, and a life in a page. */

import { absolute } from "../client/address.ts";
import type { Params } from "../client/protocol.ts";
import type { LivedraftError } from "../errors.ts";
import { PARAM_ATTRIBUTES, PARAMS, readAttribute, readParams, reflect } from "./attributes.ts";
import type { Connection } from "./connection.ts";
import type { SessionDiagnostics } from "./diagnostics.ts";
import type { Host } from "./host.ts";
import { adopt } from "./styles/index.ts";
import { Theme } from "./theme.ts";

const CONNECTION = ["url", "model", "token"];
const LIKE_A_FIELD = ["input", "change"]; // events that bubble, as those of a form's fields do
const INNER = ["input", "change", "submit", "error"]; // composed, and would be taken for the element's

/** What an element asks of what is inside it; a SessionPanel, in all of them. */
export interface Inside {
  readonly settings: { readonly all: Params };
  readonly params: { choose(params: Params): void };
  readonly diagnostics: SessionDiagnostics;
  /** Open a session, in place of any before. */
  connect(connection: Connection): unknown;
  close(): void;
  attribute(param: string, value: unknown): void;
  declare(params: Params): void;
}

/** Where no page is, as on a server that renders one, the module can be imported all the same. */
const Base = (typeof HTMLElement === "undefined" ? Object : HTMLElement) as typeof HTMLElement;

/**
 * An element that connects to a server while it is in the page. Who extends it calls `mount` with its
 * panel and what it shows, and says in `observedAttributes` what it takes beside `shared`.
 */
export abstract class LiveElement extends Base {
  static readonly shared = [
    ...(["url", "model", "token", "models", "height", "theme", "params"] as const),
    ...PARAM_ATTRIBUTES,
  ] as const;
  /** The names of the params that have attributes of their own. */
  static readonly params: readonly string[] = Object.values(PARAMS);
  #panel!: Inside; // nobody's but the element's own, as all inside it
  private picked = ""; // by the user, of the models of the server
  private running = false;
  private reconnecting = false;
  private look: Theme | null = null;
  private sight: IntersectionObserver | null = null;
  private shown: HTMLElement | null = null;
  private styles = "";

  connectedCallback(): void {
    this.takeProperties();
    queueMicrotask(() => this.settle());
  }

  disconnectedCallback(): void {
    queueMicrotask(() => this.settle());
  }

  adoptedCallback(): void {
    if (this.shadowRoot) adopt(this.shadowRoot, this.styles);
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (name === "model") this.picked = "";
    if (CONNECTION.includes(name)) this.reconnect();
    else if (name === "height") this.shown?.style.setProperty("--height", length(value));
    else if (name === "theme") this.look?.apply();
    else if (name === "params") this.paramsAttribute(value);
    else if (name in PARAMS) this.paramAttribute(name, value);
    else this.attributeChanged(name, value);
  }

  /** All params as they stand; setting merges key by key, and text is the attribute's. */
  get params(): Params {
    return this.#panel.settings.all;
  }

  set params(params: Params | string | null | undefined) {
    if (typeof params === "string") this.setAttribute("params", params);
    else if (!params) this.removeAttribute("params");
    else {
      const set = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
      this.#panel.params.choose(Object.fromEntries(set));
    }
  }

  /** What there is to tell of the session; each change is an event `diagnostics`. */
  get diagnostics(): SessionDiagnostics {
    return this.#panel.diagnostics;
  }

  /** An attribute of the element's own changed. */
  protected attributeChanged(_name: string, _value: string | null): void {}
  /** It came into the page. */
  protected begin(): void {}
  /** It came into sight, or went out of it. */
  protected seen(_visible: boolean): void {}

  /** It was taken out of the page. */
  protected end(): void {
    this.#panel.close();
  }

  /** It is to connect, in place of any connection before. */
  protected connectTo(connection: Connection): void {
    this.#panel.connect(connection);
  }

  /** What the parts inside need of the element. */
  protected get host(): Host {
    return {
      emit: (name, detail) => this.emit(name, detail),
      failed: (error) => this.emitError(error),
      retry: () => this.connect(),
      picked: (model) => (this.picked = model),
      choosesModel: () => this.choosesModel,
      diagnosed: () => this.diagnosed(),
    };
  }

  /** Show this in a shadow tree of the element's own, by these rules beside the shared ones. */
  protected mount(panel: Inside, shown: HTMLElement, styles: string): void {
    const root = this.attachShadow({ mode: "open" });
    this.#panel = panel;
    this.shown = shown;
    this.look = new Theme(this, (theme) => (shown.dataset["theme"] = theme));
    this.sight = new IntersectionObserver((entries) => this.seen(entries.some((entry) => entry.isIntersecting)));
    this.styles = styles;
    adopt(root, styles);
    root.append(this.look.probe, shown);
    for (const name of INNER) root.addEventListener(name, (event) => event.stopPropagation());
  }

  /** Tell the page; `input` and `change` bubble. */
  protected emit(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: LIKE_A_FIELD.includes(name), detail }));
  }

  protected emitError({ code, message, fix, retryable }: LivedraftError): void {
    this.emit("error", { code, message, fix, retryable });
  }

  /** Tell the page what is new of the session. */
  private diagnosed(): void {
    const { diagnostics } = this;
    if (this.shown) this.shown.dataset["state"] = diagnostics.state;
    this.emit("diagnostics", diagnostics);
  }

  /** Connect anew. */
  private connect(): void {
    // Within <gradio-app> relative addresses mean the app's server, not the page that embeds it.
    const base = this.closest("gradio-app")?.getAttribute("src") ?? document.baseURI;
    const url = absolute(this.getAttribute("url") || "/", absolute(base, document.baseURI));
    const model = this.picked || (this.getAttribute("model") ?? "");
    this.connectTo({ url, model, token: this.getAttribute("token") ?? "" });
  }

  /** Whether the user may choose among the server's models: where the page names none, or says `models`. */
  private get choosesModel(): boolean {
    return this.hasAttribute("models") || !this.getAttribute("model");
  }

  private paramsAttribute(value: string | null): void {
    const read = readParams(value);
    if (read) this.#panel.declare(read);
  }

  private paramAttribute(name: string, value: string | null): void {
    const read = value === null ? null : readAttribute(name, value);
    if (read !== undefined) this.#panel.attribute(PARAMS[name] ?? name, read);
  }

  /** Begin or end once it is known where the element is: a framework may move it about in one task. */
  private settle(): void {
    if (this.running === this.isConnected) return;
    this.running = this.isConnected;
    if (this.running) {
      this.look?.start();
      this.sight?.observe(this);
      this.stayVisible();
      this.begin();
      this.connect();
    } else {
      this.end();
      this.sight?.disconnect();
      this.look?.stop();
    }
  }

  private stayVisible(): void {
    // Gradio greys out a component while an event is pending; what is live must stay visible.
    const box = this.closest<HTMLElement>(".html-container");
    box?.style.setProperty("opacity", "1", "important");
    // It also drops an HTML's least width, and two in a row would lie over each other on a phone.
    box?.parentElement?.style.setProperty("min-width", `min(${getComputedStyle(this).minWidth}, 100%)`, "important");
  }

  /** Take properties that were set before this class was there, and would now hide its own. */
  private takeProperties(): void {
    for (const name of Object.keys(this)) {
      if (!(name in (Object.getPrototypeOf(this) as object))) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  /** Connect anew, once for several attributes that change together. */
  protected reconnect(): void {
    if (this.reconnecting || !this.running) return;
    this.reconnecting = true;
    queueMicrotask(() => {
      this.reconnecting = false;
      if (this.running) this.connect();
    });
  }
}

interface ElementClass extends CustomElementConstructor {
  readonly observedAttributes: readonly string[];
}

/**
 * Make a class known under its tag, with a property for each attribute; return it, or that of the
 * page's other copy of this script, which was first.
 */
export function define<T extends ElementClass>(tag: string, made: T): T {
  if (typeof customElements === "undefined") return made; // a server that renders pages
  if (!customElements.get(tag)) {
    reflect(made.prototype, made.observedAttributes);
    customElements.define(tag, made);
  }
  return customElements.get(tag) as T;
}

function length(value: string | null): string {
  return value && /^\d+$/.test(value) ? `${value}px` : (value ?? "");
}
