/** A test double of a page's elements: a tree with attributes, fields and events; nothing is laid out or painted. */

import { fits } from "./selector.ts";

type Listener = { handle: (event: Happening) => void; capture: boolean };

/** An event, as it travels up this tree. */
export class Happening {
  target: Target | null = null;
  defaultPrevented = false;
  stopped = false;

  constructor(
    readonly type: string,
    { bubbles = false, detail = undefined as unknown, ...more }: Record<string, unknown> = {},
  ) {
    Object.assign(this, { bubbles, detail, timeStamp: 0 }, more);
  }

  readonly bubbles!: boolean;
  readonly detail!: unknown;

  preventDefault(): void {
    this.defaultPrevented = true;
  }
  stopPropagation(): void {
    this.stopped = true;
  }
  composedPath(): Target[] {
    return this.target ? [this.target] : [];
  }
}

export class Target {
  parentNode: Target | null = null;
  private readonly listeners = new Map<string, Listener[]>();

  addEventListener(type: string, handle: Listener["handle"], how?: boolean | { capture?: boolean }): void {
    const capture = typeof how === "boolean" ? how : (how?.capture ?? false);
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), { handle, capture }]);
  }

  removeEventListener(type: string, handle: Listener["handle"]): void {
    const left = (this.listeners.get(type) ?? []).filter((each) => each.handle !== handle);
    this.listeners.set(type, left);
  }

  dispatchEvent(event: Happening): boolean {
    event.target ??= this;
    const way: Target[] = [this];
    for (let at = this.parentNode; event.bubbles && at; at = at.parentNode) way.push(at);
    for (const each of way) {
      if (event.stopped) break;
      for (const { handle } of each.listeners.get(event.type) ?? []) handle.call(each, event);
    }
    return !event.defaultPrevented;
  }

  /** How many listen to a type of event. */
  count(type: string): number {
    return this.listeners.get(type)?.length ?? 0;
  }
}

class Style {
  [name: string]: unknown;
  private readonly set = new Map<string, string>();
  setProperty(name: string, value: string): void {
    this.set.set(name, value);
  }
  getPropertyValue(name: string): string {
    return this.set.get(name) ?? "";
  }
}

type Child = Node | string;

/** What there is one of in a page. */
export const page = { document: null as Node | null, body: null as Node | null, focused: null as Element | null };

export class Node extends Target {
  childNodes: Child[] = [];
  get ownerDocument(): Node {
    return page.document!;
  }

  append(...children: Child[]): void {
    for (const child of children) {
      if (child instanceof Node) {
        child.remove();
        child.parentNode = this;
      }
      this.childNodes.push(child);
      if (child instanceof Node && this.isConnected) child.walk((each) => each.connectedCallback?.());
    }
  }

  replaceChildren(...children: Child[]): void {
    for (const child of [...this.childNodes]) if (child instanceof Node) child.remove();
    this.childNodes = [];
    this.append(...children);
  }

  remove(): void {
    const was = this.isConnected;
    const parent = this.parentNode as Node | null;
    if (parent) parent.childNodes = parent.childNodes.filter((each) => each !== this);
    this.parentNode = null;
    if (was) this.walk((each) => each.disconnectedCallback?.());
  }

  get isConnected(): boolean {
    for (let at: Target | null = this; at; at = at.parentNode) if (at === page.body) return true;
    return false;
  }

  get children(): Element[] {
    return this.childNodes.filter((each): each is Element => each instanceof Element);
  }

  get parentElement(): Element | null {
    return this.parentNode instanceof Element ? this.parentNode : null;
  }

  get textContent(): string {
    return this.childNodes.map((each) => (typeof each === "string" ? each : each.textContent)).join("");
  }
  set textContent(text: string | null) {
    this.replaceChildren(...(text ? [text] : []));
  }

  /** Find by a selector, as selector.ts knows them. */
  querySelectorAll(selector: string): Element[] {
    const found: Element[] = [];
    for (const child of this.children) {
      if (fits(child, selector)) found.push(child);
      found.push(...child.querySelectorAll(selector));
    }
    return found;
  }
  querySelector(selector: string): Element | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  getRootNode(): Node {
    return this.parentNode instanceof Node ? this.parentNode.getRootNode() : this;
  }
  contains(other: Node): boolean {
    return this === other || this.children.some((each) => each.contains(other));
  }
  get activeElement(): Element | null {
    return page.focused;
  }

  connectedCallback?(): void;
  disconnectedCallback?(): void;

  private walk(visit: (each: Node) => void): void {
    visit(this);
    for (const child of this.children) child.walk(visit);
  }
}

export class Element extends Node {
  localName = made.get(this.constructor as typeof Element) ?? "";
  readonly style = new Style();
  shadowRoot: Node | null = null;
  value = "";
  checked = false;
  files: unknown[] = [];
  disabled = false;
  inert = false;
  [more: string]: unknown;
  private readonly given = new Map<string, string>();
  readonly dataset = new Proxy({} as Record<string, string>, {
    set: (_, key: string, value) => {
      this.setAttribute(`data-${dashed(key)}`, String(value));
      return true;
    },
    get: (_, key: string) => this.getAttribute(`data-${dashed(key)}`) ?? undefined,
  });

  getAttribute(name: string): string | null {
    return this.given.get(name) ?? null;
  }
  hasAttribute(name: string): boolean {
    return this.given.has(name);
  }
  setAttribute(name: string, value: string): void {
    const before = this.getAttribute(name);
    this.given.set(name, String(value));
    this.told(name, before);
  }
  removeAttribute(name: string): void {
    const before = this.getAttribute(name);
    this.given.delete(name);
    this.told(name, before);
  }
  toggleAttribute(name: string, on = !this.hasAttribute(name)): boolean {
    if (on) this.setAttribute(name, "");
    else this.removeAttribute(name);
    return on;
  }

  get hidden(): boolean {
    return this.hasAttribute("hidden");
  }
  set hidden(hidden: boolean) {
    this.toggleAttribute("hidden", hidden);
  }
  get className(): string {
    return this.getAttribute("class") ?? "";
  }
  set className(name: string) {
    this.setAttribute("class", name);
  }
  get title(): string {
    return this.getAttribute("title") ?? "";
  }
  set title(title: string) {
    this.setAttribute("title", title);
  }
  get tabIndex(): number {
    return Number(this.getAttribute("tabindex") ?? -1);
  }
  set tabIndex(index: number) {
    this.setAttribute("tabindex", String(index));
  }
  get type(): string {
    return this.getAttribute("type") ?? "";
  }

  /** A field's number; of a slider, within its range, as browsers keep it. */
  get valueAsNumber(): number {
    const number = this.value === "" ? Number.NaN : Number(this.value);
    if (this.type !== "range") return number;
    return Math.min(Number(this.getAttribute("max") ?? 100), Math.max(Number(this.getAttribute("min") ?? 0), number));
  }

  get options(): Element[] {
    return this.querySelectorAll("option");
  }
  get selectedIndex(): number {
    return this.options.findIndex((each) => each["chosen"] ?? each.hasAttribute("selected"));
  }
  set selectedIndex(index: number) {
    this.options.forEach((each, i) => (each["chosen"] = i === index));
  }

  focus(): void {
    page.focused = this;
  }
  click(): void {
    this.dispatchEvent(new Happening("click", { bubbles: true }));
  }
  closest(selector: string): Element | null {
    for (let at: Element | null = this; at; at = at.parentElement) if (fits(at, selector)) return at;
    return null;
  }
  attachShadow(): Node {
    const root = new Node();
    root.parentNode = this;
    this.shadowRoot = root;
    return root;
  }
  attachInternals(): object {
    return { setValidity: () => undefined };
  }
  getBoundingClientRect(): object {
    return { left: 0, right: 0, width: 0, height: 0 };
  }
  setPointerCapture(): void {}

  attributeChangedCallback?(name: string, before: string | null, value: string | null): void;

  private told(name: string, before: string | null): void {
    const { observedAttributes = [] } = this.constructor as unknown as { observedAttributes?: string[] };
    if (observedAttributes.includes(name)) this.attributeChangedCallback?.(name, before, this.getAttribute(name));
  }
}

/** Tags of classes, as `customElements` knows them. */
export const made = new Map<unknown, string>();

function dashed(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Make an element of a tag, by its class where one is defined. */
export function elementOf(tag: string): Element {
  const [own] = [...made].find(([, name]) => name === tag) ?? [];
  const element = new ((own as typeof Element | undefined) ?? Element)();
  element.localName = tag;
  return element;
}
