/** Puts on the paper what comes in: files, examples to begin with, pictures that were kept. */

import type { Params } from "../client/protocol.ts";
import { toBlob } from "../media/encode.ts";
import { fetched, readPicture } from "../media/pictures.ts";
import type { Recipe } from "../media/recipe.ts";
import { inputOf, paramsOf } from "../media/recipe.ts";
import type { Settings } from "../ui/settings.ts";
import type { Operation } from "./drawing.ts";
import type { Read } from "./examples.ts";
import type { Entry } from "./history.ts";
import type { Layer, Paper } from "./paper.ts";
import type { Player } from "./player.ts";
import type { Result } from "./result.ts";
import { fromJson } from "./strokes.ts";

interface Parts {
  paper: Paper;
  settings: Settings;
  player: Player;
  change(params: Params): void;
}

export class Incoming {
  constructor(private readonly parts: Parts) {}

  /**
   * Put a picture on the paper; one with a recipe brings its params and its drawing. As a mask it takes the
   * place of any before, and is white where the picture is painted anew.
   */
  async open(source: Blob | string, layer: Layer = "ink"): Promise<void> {
    const { paper, player, settings } = this.parts;
    player.finish();
    const file = typeof source === "string" ? await fetched(source) : source;
    const { blob, recipe } = await readPicture(file);
    if (layer === "mask") return paper.addPicture(blob, layer);
    await this.lay(blob, recipe);
    if (recipe) this.parts.change(settings.fit(paramsOf(recipe)));
  }

  /** Go on with a result: it is what is drawn on and masked from now on. */
  async take({ frame, canvas }: Pick<Result, "frame" | "canvas">): Promise<void> {
    if (!frame) return;
    const picture = await toBlob(canvas);
    this.parts.player.finish();
    this.parts.paper.turn("unmask");
    await this.parts.paper.addPicture(picture);
  }

  /** Begin with an example; a surprise brings any style. */
  begin({ prompt, style, strokes }: Read, surprise: boolean): void {
    const { paper, player, settings } = this.parts;
    player.finish();
    paper.clear();
    const styles = settings.choices("style");
    const any = surprise ? styles[Math.floor(Math.random() * styles.length)] : undefined;
    const painted = style && styles.includes(style) ? style : any;
    const palette = settings.all["palette"] ? { palette: [] } : {};
    this.parts.change(settings.fit({ prompt, ...palette, ...(painted === undefined ? {} : { style: painted }) }));
    player.play(strokes);
    paper.canvas.focus({ preventScroll: true });
  }

  async bringBack(entry: Pick<Entry, "operations" | "base" | "params">): Promise<void> {
    this.parts.player.finish();
    await this.parts.paper.replace(entry.operations, entry.base);
    this.parts.change(this.parts.settings.fit(entry.params));
  }

  /** Put a picture's drawing on the paper: its strokes, its sketch, or else the picture itself. */
  private async lay(blob: Blob, recipe: Recipe | null): Promise<void> {
    const { paper } = this.parts;
    const strokes = recipe?.["strokes"];
    if (Array.isArray(strokes) && strokes.length) return paper.replace(fromJson(strokes), null);
    const sketch = recipe && inputOf(recipe, "sketch");
    if (!sketch) return paper.addPicture(blob);
    const mask = inputOf(recipe, "mask");
    const masked: Operation[] = mask ? [{ kind: "picture", blob: mask, layer: "mask" }] : [];
    await paper.replace([{ kind: "picture", blob: sketch }, ...masked], null);
  }
}
