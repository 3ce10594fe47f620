/** Follows what the element stands on: the ground painted behind it decides, not the system alone. */

import { h } from "./dom.ts";

export type Scheme = "dark" | "light";

const MIDDLE = 0.18; // relative luminance (WCAG 2) at which black and white text are as legible

export class Theme {
  /** In the shadow tree: its colour is the page's own ground, of the colour scheme in force there. */
  readonly probe = h("span", { class: "ground", hidden: true });
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private readonly observer = new MutationObserver(() => this.apply());

  constructor(
    private readonly host: HTMLElement,
    private readonly set: (scheme: Scheme) => void,
  ) {}

  start(): void {
    this.system.addEventListener("change", this.apply);
    document.addEventListener("load", this.apply, true); // a style sheet came, perhaps
    document.addEventListener("transitionend", this.apply);
    for (let at: Element | null = this.host; at; at = around(at)) this.observer.observe(at, { attributes: true });
    this.apply();
  }

  stop(): void {
    this.system.removeEventListener("change", this.apply);
    document.removeEventListener("load", this.apply, true);
    document.removeEventListener("transitionend", this.apply);
    this.observer.disconnect();
  }

  readonly apply = (): void => {
    const asked = this.host.getAttribute("theme");
    if (asked === "dark" || asked === "light") this.set(asked);
    else this.set(this.ground() < MIDDLE ? "dark" : "light");
  };

  /** Return the luminance of the first ground behind the element, 0..1. */
  private ground(): number {
    for (let at: Element | null = this.host; at; at = around(at)) {
      const painted = luminance(getComputedStyle(at).backgroundColor);
      if (painted !== null) return painted;
    }
    return luminance(getComputedStyle(this.probe).color) ?? 1;
  }
}

/** Return what an element is shown in: its slot, its parent, or the host of its shadow tree. */
function around(element: Element): Element | null {
  const { parentNode } = element;
  return element.assignedSlot ?? (parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement);
}

let pixel: CanvasRenderingContext2D | null = null;

/** Return the relative luminance of a CSS colour; null where it lets through what is behind. */
function luminance(colour: string): number | null {
  if (colour === "rgba(0, 0, 0, 0)" || colour === "transparent") return null;
  pixel ??= h("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  if (!pixel) return null;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, alpha = 0] = pixel.getImageData(0, 0, 1, 1).data;
  const linear = (value: number): number => (value / 255) ** 2.2;
  return alpha < 128 ? null : 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
