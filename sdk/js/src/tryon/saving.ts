/** The picture as a file: at the photo's full size, with its recipe and the mark, and nothing of the photo's own data. */

import type { Frame } from "../client/session.ts";
import { toBlob } from "../media/encode.ts";
import { writeJpegRecipe } from "../media/jpeg.ts";
import type { Recipe } from "../media/recipe.ts";
import { makingOf, markOf, writeRecipe } from "../media/recipe.ts";
import { wipe } from "./photo.ts";

declare const __VERSION__: string; // of the package, set by the build

export type FileType = "png" | "jpeg";

/** What is told of a picture; no picture, and nothing of a body. */
export interface Made extends Pick<Frame, "model" | "stage" | "steps" | "params"> {
  mark?: unknown; // by the server's word
}

const OF_BODY = ["joints", "subject"];

/** Return a canvas as a file, and let go of its pixels. */
export async function saved(canvas: HTMLCanvasElement, type: FileType, made: Made, skus: string[]): Promise<Blob> {
  const blob = await toBlob(canvas, `image/${type}`);
  wipe(canvas);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const recipe = recipeOf(made, skus);
  const file = type === "png" ? writeRecipe(bytes, recipe) : writeJpegRecipe(bytes, recipe, makingOf(recipe));
  return new Blob([file], { type: `image/${type}` });
}

/** The keys that every client of livedraft writes, and what is worn. */
export function recipeOf({ model, stage, steps, params, mark }: Made, skus: string[]): Recipe {
  const kept = Object.entries(params).filter(([key]) => !OF_BODY.includes(key));
  // A photograph with something by a model in it, whatever an older server says.
  const told = markOf(mark ?? "compositeWithTrainedAlgorithmicMedia");
  return { livedraft: __VERSION__, model, stage, steps, params: Object.fromEntries(kept), skus, ...told };
}
