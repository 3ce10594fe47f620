/** What the element tells a shop: which SKU, how long, what went wrong. Never a picture, nor where one is. */

import type { LivedraftError } from "../../errors.ts";
import type { Category, Garment } from "./garments.ts";
import type { Outfit } from "./outfit.ts";
import { listed } from "./outfit.ts";

/** Which garments it is about; `sku` is the first of `skus`. */
export interface TryOnDetail {
  sku: string;
  skus: string[];
}

export interface ShownDetail extends TryOnDetail {
  ms: number; // from the customer's choice to the picture
}

export interface FailedDetail extends TryOnDetail {
  code: string;
  message: string;
  fix: string;
}

export interface CartDetail {
  sku: string;
  title: string;
  category: Category;
  price: string;
  url: string;
}

/** The events that a shop listens to, and their details; all of them bubble out of shadow trees. */
export interface ShopEvents {
  /** An outfit goes to the model. */
  "tryon-start": TryOnDetail;
  /** A picture of it is on show. */
  "tryon-shown": ShownDetail;
  /** It could not be tried on. */
  "tryon-failed": FailedDetail;
  /** The customer wants it; `preventDefault()` where the page says so itself. */
  "add-to-cart": CartDetail;
}

/** Tells of one try at a time: that it began, and then once how it ended. */
export class Tries {
  private begun: { detail: TryOnDetail; at: number } | null = null;

  constructor(
    private readonly element: EventTarget,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The outfit goes to the model now. */
  start(outfit: Outfit): void {
    const skus = listed(outfit).map(({ sku }) => sku);
    const [sku] = skus;
    if (!sku) return this.drop();
    const detail = { sku, skus };
    this.begun = { detail, at: this.now() };
    announce(this.element, "tryon-start", detail);
  }

  /** A picture of it is on show. */
  shown(): void {
    if (!this.begun) return;
    const { detail, at } = this.begun;
    this.begun = null;
    announce(this.element, "tryon-shown", { ...detail, ms: Math.round(this.now() - at) });
  }

  failed({ code, message, fix }: LivedraftError): void {
    if (!this.begun) return;
    const { detail } = this.begun;
    this.begun = null;
    announce(this.element, "tryon-failed", { ...detail, code, message, fix });
  }

  /** Nobody waits for it any more. */
  drop(): void {
    this.begun = null;
  }
}

/** Ask the shop to put a garment into the cart; false where the page tells the customer itself. */
export function addToCart(element: EventTarget, { sku, title, category, price, url }: Garment): boolean {
  return announce(element, "add-to-cart", { sku, title, category, price, url }, true);
}

function announce<K extends keyof ShopEvents>(
  element: EventTarget,
  name: K,
  detail: ShopEvents[K],
  cancelable = false,
): boolean {
  return element.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable, detail }));
}
