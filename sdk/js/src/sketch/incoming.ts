/** Puts on the paper what comes in: files, examples to begin with, pictures that were kept. */

import type { Params } from "../client/protocol.ts";
import { fetched, readPicture } from "../media/pictures.ts";
import type { Recipe } from "../media/recipe.ts";
import { paramsOf, sketchOf } from "../media/recipe.ts";
import type { Settings } from "../ui/settings.ts";
import type { Read } from "./examples.ts";
import type { Entry } from "./history.ts";
import type { Paper } from "./paper.ts";
import type { Player } from "./player.ts";
import { fromJson } from "./strokes.ts";

interface Parts {
  paper: Paper;
  settings: Settings;
  player: Player;
  change(params: Params): void;
}

export class Incoming {
  constructor(private readonly parts: Parts) {}

  /** Put a picture on the paper; one with a recipe brings its params and its drawing. */
  async open(source: Blob | string): Promise<void> {
    const { player, settings } = this.parts;
    player.finish();
    const file = typeof source === "string" ? await fetched(source) : source;
    const { blob, recipe } = await readPicture(file);
    await this.lay(blob, recipe);
    if (recipe) this.parts.change(settings.fit(paramsOf(recipe)));
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
    const sketch = recipe && sketchOf(recipe);
    if (sketch) await paper.replace([{ kind: "picture", blob: sketch }], null);
    else await paper.addPicture(blob);
  }
}
