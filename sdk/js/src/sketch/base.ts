/** What is too old to undo, as one file: a PNG of the ink, whose recipe holds the mask. */

import { dataUri } from "../media/datauri.ts";
import { toBlob } from "../media/encode.ts";
import { onBlack, painted } from "../media/masks.ts";
import { decode } from "../media/pictures.ts";
import { inputOf, readRecipe, writeRecipe } from "../media/recipe.ts";

/** Return such a file; `mask` is null where nothing is masked, and `blank` says that there is no ink. */
export async function written(ink: HTMLCanvasElement, mask: HTMLCanvasElement | null, blank: boolean): Promise<Blob> {
  // Both are taken as they are at this moment, before anything is waited for.
  const [base, masked] = await Promise.all([toBlob(ink), mask && toBlob(onBlack(mask, mask))]);
  if (!masked) return base;
  const recipe = { blank, inputs: { mask: await dataUri(masked) } };
  return new Blob([writeRecipe(new Uint8Array(await base.arrayBuffer()), recipe, null)], { type: base.type });
}

export interface Base {
  ink: ImageBitmap | null;
  mask: ImageBitmap | null; // as it is painted over the ink
}

/** Return what such a file holds. */
export async function read(base: Blob): Promise<Base> {
  const recipe = readRecipe(new Uint8Array(await base.arrayBuffer()));
  const mask = recipe && inputOf(recipe, "mask");
  return {
    ink: recipe?.["blank"] ? null : await createImageBitmap(base),
    mask: mask && (await painted(await decode(mask))),
  };
}

/** Return the same as pictures to lay on a paper; the mask is as a model reads it. */
export async function pictures(base: Blob): Promise<{ ink: Blob | null; mask: Blob | null }> {
  const recipe = readRecipe(new Uint8Array(await base.arrayBuffer()));
  return { ink: recipe?.["blank"] ? null : base, mask: recipe && inputOf(recipe, "mask") };
}
