/** What is on show of what the model made: told to the customer and the shop, and saved. */

import type { Frame } from "../client/session.ts";
import { download } from "../ui/files.ts";
import { fill } from "../ui/words/tables.ts";
import { readMeasured } from "./measured.ts";
import type { FileType, Made } from "./saving.ts";
import { saved } from "./saving.ts";
import type { Outfit } from "./shop/outfit.ts";
import { listed } from "./shop/outfit.ts";
import type { Stage } from "./stage/stage.ts";
import type { Texts } from "./words/texts.ts";

export class Worn {
  /** How many pictures were shown, of the photo and of the camera. */
  frames = 0;
  private made: Made | null = null; // of the picture on show
  private outfit: readonly string[] = []; // SKUs on show

  constructor(
    private readonly texts: Texts,
    private readonly stage: Stage,
    private readonly say: (text: string) => void,
  ) {}

  /** Whether anything is on show. */
  get any(): boolean {
    return this.made !== null;
  }

  /** SKUs of what is on show. */
  get skus(): string[] {
    return [...this.outfit];
  }

  /** Show a picture of an outfit; tell whether it is the one that was asked for. */
  show(frame: Frame, outfit: Outfit): boolean {
    const garments = listed(outfit);
    if (!garments.length) return false; // it was taken off meanwhile
    const { bitmap, image: _, data, ...made } = frame;
    const { doing } = this.texts.words;
    const garment = garments.map(({ title }) => title).join(" + ");
    this.made = { ...made, mark: data["digital_source_type"] };
    this.outfit = garments.map(({ sku }) => sku);
    this.frames += 1;
    this.stage.wear(bitmap, readMeasured(data), garment);
    this.say(frame.stage === "final" ? doing.finished : fill(doing.shown, { garment }));
    return true;
  }

  /** Nothing is on show any more. */
  clear(): void {
    this.made = null;
    this.outfit = [];
  }

  async save(type: FileType): Promise<void> {
    const canvas = this.made && this.stage.picture.compose();
    if (!canvas || !this.made) return;
    const name = ["tryon", ...this.outfit].join("-").replace(/[^\p{L}\p{N}-]+/gu, "-");
    download(await saved(canvas, type, this.made, this.skus), `${name}.${type === "png" ? "png" : "jpg"}`);
    this.say(this.texts.words.doing.saved);
  }
}
