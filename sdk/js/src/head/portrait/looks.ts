/** Who speaks: the avatar or the portrait that is chosen, asked about and sent. */

import type { ModelInfo, Params } from "../../client/protocol.ts";
import { LivedraftError } from "../../errors.ts";
import type { Refusal } from "../../media/photos.ts";
import { h } from "../../ui/dom.ts";
import { fields } from "../../ui/schema.ts";
import type { SessionPanel } from "../../ui/session_panel.ts";
import type { Texts } from "../words/words.ts";
import { Consent } from "./consent.ts";
import type { Avatar } from "./faces.ts";
import { Faces } from "./faces.ts";
import { Portrait } from "./portrait.ts";

export interface LookEvents {
  said(text: string): void; // to a screen reader
  changed(): void;
}

const CODES: Record<Refusal, string> = { invalid_image: "no_picture", too_large: "too_large", damaged: "damaged" };

export class Looks {
  readonly root: HTMLElement;
  private readonly faces: Faces;
  private readonly asked: Consent;
  private readonly photo: Portrait;
  private picture: Blob | null = null; // of the user, that speaks

  constructor(
    private readonly texts: Texts,
    private readonly panel: SessionPanel,
    private readonly events: LookEvents,
  ) {
    this.asked = new Consent(texts);
    this.faces = new Faces(texts, {
      avatar: (id) => this.choose(id),
      portrait: (file) => void this.open(file),
    });
    this.photo = new Portrait({
      agreed: () => this.asked.ask(),
      reading: (on) => {
        this.root.toggleAttribute("data-busy", on);
        if (on) events.said(texts.words.faces.reading);
      },
      taken: (picture, thumbnail) => this.take(picture, thumbnail),
      refused: (why) => this.refuse(why),
    });
    this.root = h("div", { class: "looks" }, this.faces.root);
  }

  /** Where consent is asked for. */
  get consent(): HTMLElement {
    return this.asked.root;
  }

  /** Whether a portrait speaks. */
  get portrait(): boolean {
    return this.picture !== null;
  }

  /** The page vouches for consent. */
  set vouched(given: boolean) {
    this.asked.given = given;
  }

  connect(url: string): void {
    this.asked.connect(url);
  }

  /** Offer the model's avatars, and portraits where it takes them. */
  offer(model: ModelInfo | undefined): void {
    this.faces.offer(avatarsOf(model), model?.inputs.some(({ name }) => name === "portrait") ?? false);
  }

  show(params: Params): void {
    if (typeof params["avatar"] === "string") this.faces.avatar(params["avatar"]);
  }

  /** Take a portrait, after it was asked about; tell what is wrong with it, if anything. */
  open(file: Blob): Promise<void> {
    return this.photo.open(file);
  }

  /** Let go of the portrait, and of one that is being read. */
  forget(): void {
    this.asked.close();
    this.photo.forget();
    this.picture = null;
    this.faces.portrait("");
  }

  /** Another session begins: it knows nothing of the portrait yet. */
  again(): void {
    if (this.picture) this.panel.session?.send({ portrait: this.picture });
  }

  /** Whether an error is about anything that is there; a portrait that is refused is not any more. */
  concerns({ code }: LivedraftError): boolean {
    if (this.picture && ["invalid_image", "consent_required", "invalid_params"].includes(code)) this.remove();
    return true;
  }

  private choose(id: string): void {
    this.remove();
    this.panel.params.change({ avatar: id });
  }

  private take(picture: Blob, thumbnail: string): void {
    this.panel.notice.hide();
    this.picture = picture;
    this.faces.portrait(thumbnail);
    this.panel.params.choose({ consent: true });
    this.panel.session?.send({ portrait: picture });
    this.events.said(this.texts.words.faces.shown);
    this.events.changed();
  }

  private remove(): void {
    if (!this.picture) return;
    this.picture = null;
    this.faces.portrait("");
    this.panel.params.choose({ consent: false });
    this.panel.session?.send({ portrait: null });
    this.events.changed();
  }

  private refuse(why: Refusal): void {
    this.panel.failed(new LivedraftError({ code: CODES[why], message: why }), false);
  }
}

/** Read the avatars that a model has out of its schema: `x-pictures` maps their ids to small pictures. */
function avatarsOf(model: ModelInfo | undefined): Avatar[] {
  const field = fields(model?.params_schema).find(({ key }) => key === "avatar");
  if (field?.kind !== "choice") return [];
  const properties = model?.params_schema?.["properties"] as Record<string, Record<string, unknown>>;
  const pictures = (properties["avatar"]?.["x-pictures"] ?? {}) as Readonly<Record<string, unknown>>;
  const ids = field.choices.map(String); // an empty one is the model's own choice
  return ids.map((id) => {
    const picture = pictures[id];
    return { id, picture: typeof picture === "string" && picture.startsWith("data:image/") ? picture : "" };
  });
}
