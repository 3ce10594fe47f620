/** `<livedraft-tryon>`: a customer's photo or camera, and the garments of a shop on it. */

import type { LivedraftError } from "../errors.ts";
import { bytesOf } from "../media/datauri.ts";
import { fetched } from "../media/pictures.ts";
import type { Connection } from "../ui/connection.ts";
import { LiveElement } from "../ui/element.ts";
import { directionOf } from "../ui/words/tables.ts";
import { EVENTS } from "./events.ts";
import type { TryonDiagnostics } from "./host.ts";
import type { Garment, GarmentJson } from "./shop/garments.ts";
import { parseGarments, readGarments } from "./shop/garments.ts";
import { parseLimit } from "./shop/limit.ts";
import { TryonStudio } from "./studio.ts";
import { styles } from "./styles/index.ts";
import { nearest, tableOf } from "./words/tables.ts";
import type { Wording } from "./words/words.ts";

/**
 * Attributes: url model token params garments sku person lang mirror (on | off) transport (auto | websocket | webrtc)
 * notice notice-reason limit cart (off) height theme. Each has a property. Events, none with a picture: TryonEvents.
 */
export class LivedraftTryon extends LiveElement {
  static readonly observedAttributes = [
    ...LiveElement.shared,
    ...([
      "garments",
      "sku",
      "person",
      "lang",
      "mirror",
      "transport",
      "notice",
      "notice-reason",
      "limit",
      "cart",
    ] as const),
  ] as const;
  static readonly events = EVENTS;
  readonly #studio: TryonStudio;
  private offered: readonly Garment[] = [];
  private wording: Wording = {};

  constructor() {
    super();
    this.#studio = new TryonStudio({ ...this.host, element: this });
    this.mount(this.#studio.panel, this.#studio.root, styles);
  }

  protected override begin(): void {
    this.speak(); // in the language of the page around it
  }

  protected override end(): void {
    this.#studio.forget(false);
  }

  protected override emitError(error: LivedraftError): void {
    super.emitError(error);
    this.#studio.shop.failed(error);
  }

  protected override connectTo(connection: Connection): void {
    this.#studio.connect({ ...connection, model: connection.model || "tryon" });
  }

  protected override attributeChanged(name: string, value: string | null): void {
    const { shop, stage } = this.#studio;
    if (name === "garments") this.attempt(() => this.offer(parseGarments(value)));
    else if (name === "sku") this.attempt(() => this.wearAttribute());
    else if (name === "person") void this.show(value);
    else if (name === "lang") this.speak();
    else if (name === "mirror") stage.mirror.mirror(value !== "off");
    else if (name === "transport") {
      this.#studio.filming.live.by(value);
      this.reconnect();
    } else if (name === "limit") this.attempt(() => (shop.limit.rule = parseLimit(value)));
    else if (name === "cart") shop.sells = value !== "off";
    else shop.notice.set({ text: this.getAttribute("notice"), reason: this.getAttribute("notice-reason") });
  }

  /** What the shop offers; throws `garments_invalid`. */
  get garments(): readonly Garment[] {
    return this.offered;
  }

  set garments(garments: readonly GarmentJson[] | string) {
    this.offer(typeof garments === "string" ? parseGarments(garments) : readGarments(garments ?? []));
  }

  /** Texts of the page's own, in place of the element's. */
  get words(): Wording {
    return this.wording;
  }

  set words(words: Wording) {
    this.wording = words ?? {};
    this.speak();
  }

  /**
   * Put on garments by their SKUs, singly or in a list: one, or a top with something below it; none takes
   * all off. Throws `garment_unknown` or `outfit_invalid`.
   */
  wear(...skus: (string | readonly string[])[]): void {
    this.#studio.shop.wear(skus.flat());
  }

  /** Take a photo of the customer's, as if it were chosen. */
  open(photo: Blob): Promise<void> {
    return this.#studio.open(photo);
  }

  /** Start the camera; where it is on, count down and take the photo. */
  takePhoto(): void {
    this.#studio.takePhoto();
  }

  /** End the session and let go of the photo, the camera and all that was made of them. */
  forget(): void {
    this.#studio.forget();
  }

  /** The connection and what is on show; each change is an event `diagnostics`. */
  override get diagnostics(): TryonDiagnostics {
    return this.#studio.diagnostics;
  }

  private offer(garments: readonly Garment[]): void {
    this.offered = garments;
    this.#studio.shop.offer(garments);
    this.wearAttribute();
  }

  /** Wear what the attribute `sku` names, once that is offered. */
  private wearAttribute(): void {
    const skus = (this.getAttribute("sku") ?? "").split(/[\s,]+/).filter(Boolean);
    if (skus.length && this.offered.length) this.wear(...skus);
  }

  private async show(address: string | null): Promise<void> {
    if (!address) return;
    try {
      const bytes = bytesOf(address); // a page's policy may forbid to fetch it
      await this.open(bytes ? new Blob([bytes]) : await fetched(new URL(address, document.baseURI).href));
    } catch (error) {
      this.emitError(error as LivedraftError);
    }
  }

  private speak(): void {
    const near = this.closest("[lang]")?.getAttribute("lang") ?? "";
    const language = nearest(this.getAttribute("lang") ?? near);
    this.#studio.speak(tableOf(language, this.wording), language, directionOf(language));
  }

  /** Do what an attribute asks for; an attribute cannot throw, so that it is told. */
  private attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#studio.panel.failed(error as LivedraftError, false);
    }
  }
}
