/** The palette: the colours to paint with, the main one first; none leaves them to the model. */

import type { Picture } from "../media/colours.ts";
import { coloursOf } from "../media/colours.ts";
import { readPicture } from "../media/pictures.ts";
import { inputOf } from "../media/recipe.ts";
import { button } from "./button.ts";
import { h, show } from "./dom.ts";
import type { Control } from "./fields.ts";
import { chooser, receive } from "./files.ts";
import type { Field } from "./schema.ts";
import { Swatches } from "./swatches.ts";

export interface PaletteEvents {
  change(colours: string[]): void;
  /** Return the picture that is shown, and the ink on it; or null. */
  result(): { picture: Picture; ink: Picture } | null;
  /** A file that was to give its colours is no picture. */
  failed(error: unknown): void;
}

const FRESH = ["#e5484d", "#f6c744", "#3f9f56", "#3b82f6", "#8057d6", "#ef7aae"]; // to add, in turn

export class Palette implements Control {
  readonly root: HTMLElement;
  private colours: string[] = [];
  private readonly swatches: Swatches;
  private readonly auto = h("span", { class: "auto" }, "Auto");
  private readonly add = button("plus", "Add a colour", () => this.addColour());
  private readonly keep = button("drop", "Keep these colours: take them from the picture", () => this.takeResult());
  private readonly clear = button("close", "Clear the palette: the model chooses", () => this.change([]));

  constructor(
    private readonly field: Extract<Field, { kind: "colours" }>,
    private readonly events: PaletteEvents,
  ) {
    this.swatches = new Swatches(field.most, (colours) => this.change(colours));
    const open = chooser("open", "Palette from a picture", (file) => void this.open(file));
    this.root = h(
      "div",
      { class: "field palette", role: "group", "aria-label": field.title, title: field.hint, part: "palette" },
      h("span", { class: "name" }, field.title),
      this.auto,
      this.swatches.root,
      this.add,
      open,
      this.keep,
      this.clear,
      this.swatches.editor,
    );
    receive(this.root, null, (file) => void this.open(file));
    this.show([]);
  }

  show(value: unknown): void {
    this.colours = Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
    this.swatches.show(this.colours);
    const none = this.colours.length === 0;
    show(this.auto, none);
    show(this.clear, !none);
    show(this.add, this.colours.length < this.field.most);
  }

  /** Say whether there is a picture whose colours can be kept. */
  allow(can: boolean): void {
    this.keep.setAttribute("aria-disabled", String(!can));
  }

  private addColour(): void {
    const fresh = FRESH.find((each) => !this.colours.includes(each)) ?? "#808080";
    this.change([...this.colours, fresh]);
    this.swatches.edit(this.colours.length - 1);
  }

  private async open(file: Blob): Promise<void> {
    try {
      const { blob, recipe } = await readPicture(file);
      const sketch = recipe && inputOf(recipe, "sketch");
      this.take(await createImageBitmap(blob), sketch && (await createImageBitmap(sketch)));
    } catch (error) {
      this.events.failed(error);
    }
  }

  private takeResult(): void {
    const shown = this.events.result();
    if (shown) this.take(shown.picture, shown.ink);
  }

  private take(picture: Picture, ink: Picture | null = null): void {
    const colours = coloursOf(picture, this.field.most, ink);
    if (colours.length) this.change(colours);
  }

  private change(colours: string[]): void {
    const emptied = colours.length === 0 && this.colours.length > 0;
    this.show(colours);
    if (emptied) this.add.focus(); // what had the focus is gone
    this.events.change(colours);
  }
}
