/** Params as a tag's attributes say them. */

const NUMBERS = ["seed", "strength", "steps", "size"];

/** Attributes that are params. */
export const PARAMS = ["prompt", "style", ...NUMBERS, "palette", "loras"];

/** Return an attribute's value as a param, or undefined where it is none. */
export function readAttribute(name: string, text: string): unknown {
  if (name === "palette") return words(text);
  if (name === "loras") return weights(text);
  // HTML's own `style` attribute; a model's style has no colon, and CSS always has one.
  if (name === "style") return text === "" || text.includes(":") ? undefined : text;
  if (!NUMBERS.includes(name)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Read "#e5484d #3b82f6"; commas do too. */
function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Read "wood:0.8 night"; a name alone has the weight 1. */
function weights(text: string): Record<string, number> {
  return Object.fromEntries(words(text).flatMap((each) => {
    const [name = "", weight = "1"] = each.split(":");
    const number = Number(weight);
    return name && Number.isFinite(number) ? [[name, number]] : [];
  }));
}
