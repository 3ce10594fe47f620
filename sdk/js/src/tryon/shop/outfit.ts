/** What is worn at once: a top and something below it, or a dress, which takes both places. */

import { LivedraftError } from "../../errors.ts";
import type { Garment } from "./garments.ts";

/** Two places; what is `upper` may be a dress, or a garment whose category the model is to find. */
export interface Outfit {
  readonly upper: Garment | null;
  readonly lower: Garment | null;
}

export const NOTHING: Outfit = { upper: null, lower: null };

/** Return the garments of an outfit, from top to bottom. */
export function listed({ upper, lower }: Outfit): Garment[] {
  return [upper, lower].filter((each) => each !== null);
}

/** Put one more on: it takes its place, a dress both. */
export function putOn(outfit: Outfit, garment: Garment): Outfit {
  if (garment.category === "dress") return { upper: garment, lower: null };
  if (garment.category !== "lower") return { ...outfit, upper: garment };
  return { upper: outfit.upper?.category === "dress" ? null : outfit.upper, lower: garment };
}

/** Take one off. */
export function takeOff({ upper, lower }: Outfit, sku: string): Outfit {
  return { upper: upper?.sku === sku ? null : upper, lower: lower?.sku === sku ? null : lower };
}

/** Return these garments as one outfit; raise `outfit_invalid` where they cannot be worn together. */
export function together(garments: readonly Garment[]): Outfit {
  let outfit = NOTHING;
  for (const each of garments) {
    const next = putOn(outfit, each);
    const off = listed(outfit).find(({ sku }) => sku !== each.sku && !listed(next).some((one) => one.sku === sku));
    if (off) {
      throw new LivedraftError({
        code: "outfit_invalid",
        message: `'${off.sku}' and '${each.sku}' cannot be worn together`,
        fix: "wear one garment, or one of category 'upper' with one of category 'lower'",
      });
    }
    outfit = next;
  }
  return outfit;
}
