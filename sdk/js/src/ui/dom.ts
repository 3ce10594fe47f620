/** A short way to make elements. */

type Child = Node | string | null;
type Properties = Record<string, unknown>;

/**
 * Make an element. Functions become listeners (`onclick`), booleans set or leave out an attribute,
 * `style` is a map of CSS properties, all else is an attribute.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    // A `style` attribute is what a strict Content Security Policy forbids; properties it allows.
    if (name === "style") paintWith(element, value as Record<string, string>);
    else if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function paintWith(element: HTMLElement, properties: Record<string, string>): void {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
}

/** Return the step that an arrow key means along a row: 1 towards the end of the text's lines. */
export function along(key: string, row: Element): number {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key] ?? 0;
  return getComputedStyle(row).direction === "rtl" ? -step : step;
}

/** Show or hide without leaving the layout's rules to chance. */
export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

/** Return a name of a schema as a label: `soft_3d` gives "Soft 3D". */
export function words(name: string): string {
  const spaced = name.replaceAll("_", " ").replace(/\b\dd\b/, (depth) => depth.toUpperCase());
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
