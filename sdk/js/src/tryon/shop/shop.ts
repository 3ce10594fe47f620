/** The shop around the stage: its garments, what is in the way before the first picture, and what it hears. */

import type { LivedraftError } from "../../errors.ts";
import type { Connection } from "../../ui/connection.ts";
import type { Texts } from "../words/texts.ts";
import { Cart } from "./cart.ts";
import { Catalogue } from "./catalogue.ts";
import { addToCart, Tries } from "./events.ts";
import type { Garment } from "./garments.ts";
import { find } from "./garments.ts";
import { Limit } from "./limit.ts";
import { LimitNote } from "./limit_note.ts";
import { UploadNotice } from "./notice.ts";
import type { Outfit } from "./outfit.ts";
import { listed, NOTHING, putOn, takeOff, together } from "./outfit.ts";

export interface ShopHears {
  worn(outfit: Outfit): void;
}

export class Shop {
  readonly notice: UploadNotice;
  readonly limit = new Limit();
  /** In the order in which they stand. */
  readonly parts: HTMLElement[];
  language = "en";
  private garments: readonly Garment[] = [];
  private outfit: Outfit = NOTHING;
  private selling = true;
  private present = false; // a visitor agreed to show themselves, and was not forgotten since
  private readonly catalogue: Catalogue;
  private readonly cart: Cart;
  private readonly reached: LimitNote;
  private readonly tries: Tries;

  constructor(
    texts: Texts,
    element: HTMLElement,
    private readonly hears: ShopHears,
  ) {
    this.tries = new Tries(element);
    this.notice = new UploadNotice(() => texts.words);
    this.catalogue = new Catalogue(
      () => texts.words.catalogue,
      (garment) => this.choose(garment),
    );
    const acts = {
      add: (garment: Garment): boolean => addToCart(element, garment),
      remove: (garment: Garment): void => this.put(takeOff(this.outfit, garment.sku)),
    };
    this.cart = new Cart(
      () => texts.words.cart,
      acts,
      () => this.selling,
    );
    this.reached = new LimitNote(
      this.limit,
      () => texts.words.limit,
      () => this.language,
    );
    this.parts = [this.catalogue.root, this.reached.root, this.cart.root];
    texts.say(() => {
      for (const part of [this.notice, this.catalogue, this.cart, this.reached]) part.reword();
    });
  }

  /** Whether garments can be bought here. */
  set sells(selling: boolean) {
    this.selling = selling;
    this.cart.reword();
  }

  /** What stands before the first picture. */
  get before(): HTMLElement {
    return this.notice.root;
  }

  connect({ url }: Connection): void {
    this.notice.connect(url);
  }

  /** Return whether a picture may be taken: the customer knows what happens with it. */
  async agreed(): Promise<boolean> {
    const agreed = await this.notice.ask();
    this.present ||= agreed;
    return agreed;
  }

  offer(garments: readonly Garment[]): void {
    this.garments = garments;
    this.catalogue.offer(garments);
    this.catalogue.worn(listed(this.outfit).map(({ sku }) => sku));
  }

  /** Put on these, of the shop's; throws `garment_unknown` or `outfit_invalid`. */
  wear(skus: readonly string[]): void {
    this.put(together(skus.map((sku) => find(this.garments, sku))));
  }

  /** The outfit goes to the model now. */
  began(outfit: Outfit): void {
    if (listed(outfit).length > 0) this.limit.take();
    this.tries.start(outfit);
  }

  /** Something went wrong, and nothing comes of what began. */
  failed(error: LivedraftError): void {
    this.tries.failed(error);
  }

  /** Who comes next may be somebody else. */
  forget(): void {
    this.present = false;
    this.tries.drop();
    this.notice.forget();
  }

  /** A picture of it is on show; null: none is any more. */
  shown(outfit: Outfit | null): void {
    if (outfit) this.tries.shown();
    else this.tries.drop();
  }

  private choose(garment: Garment): void {
    const worn = listed(this.outfit).some(({ sku }) => sku === garment.sku);
    this.put(worn ? takeOff(this.outfit, garment.sku) : putOn(this.outfit, garment));
  }

  private put(outfit: Outfit): void {
    const garments = listed(outfit);
    const before = listed(this.outfit);
    const less = garments.every((each) => before.includes(each)); // to take something off costs nothing
    if (!less && this.present && !this.limit.left) return this.reached.show();
    this.reached.hide();
    this.outfit = outfit;
    this.catalogue.worn(garments.map(({ sku }) => sku));
    this.cart.show(garments);
    this.hears.worn(outfit);
  }
}
