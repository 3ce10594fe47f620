/** The tag's attributes: those that are params, how they are read, and the properties that set them. */

import type { Params } from "../client/protocol.ts";

const NUMBERS = ["seed", "strength", "steps", "size"] as const;
const FLAGS = ["locked", "required", "disabled", "models", "muted", "measure", "consent", "listen"] as const;

/** The attributes that are params. */
export const PARAM_ATTRIBUTES = ["prompt", "picture-style", "palette", "loras", ...NUMBERS] as const;

/** Attributes that are params, and the params' names; `style` itself is HTML's own attribute. */
export const PARAMS: Readonly<Record<string, string>> = Object.fromEntries(
  PARAM_ATTRIBUTES.map((name) => [name, name === "picture-style" ? "style" : name]),
);

type Numeric = Record<(typeof NUMBERS)[number] | "height", number | string>;
type Flags = Record<(typeof FLAGS)[number], boolean>;

/** What the property of an attribute takes, where that is more than any text. */
export interface AttributeValues extends Numeric, Flags {
  params: string | Params;
  palette: string | readonly string[];
  loras: string | Readonly<Record<string, number>>;
  theme: "light" | "dark";
  layout: "beside" | "over";
  "refine-when": "rest";
  source: "camera" | "screen";
  view: "beside" | "split" | "result";
  mirror: "on" | "off";
  transport: "auto" | "websocket" | "webrtc";
  captions: "on" | "off";
  badge: "on" | "off";
  cart: "on" | "off";
}

/** Return a param as an attribute says it, or undefined where it says nothing. */
export function readAttribute(name: string, text: string): unknown {
  if (name === "palette") return words(text);
  if (name === "loras") return weights(text);
  if (!among(NUMBERS, name)) return text;
  const number = Number(text);
  return text.trim() && Number.isFinite(number) ? number : undefined;
}

/** Read the attribute `params`, a JSON object of any params; undefined where it is none. */
export function readParams(text: string | null): Params | undefined {
  try {
    const read: unknown = JSON.parse(text || "{}");
    return read && typeof read === "object" && !Array.isArray(read) ? (read as Params) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Give a class a property for each attribute, as frameworks set one where there is one. Lists and
 * maps are taken too, so that `palette` and `loras` need not be put into words.
 */
export function reflect(prototype: object, attributes: readonly string[]): void {
  for (const name of attributes) {
    if (property(name) in prototype) continue;
    Object.defineProperty(prototype, property(name), {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement) {
        return among(FLAGS, name) ? this.hasAttribute(name) : this.getAttribute(name);
      },
      set(this: HTMLElement, value: unknown) {
        const text = written(value);
        if (text === null) this.removeAttribute(name);
        else this.setAttribute(name, text);
      },
    });
  }
}

/** Return an attribute's property: `state-key` gives `stateKey`. */
export function property(attribute: string): string {
  return attribute.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function among(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Return the text of an attribute for what its property was set to; null for none. */
export function written(value: unknown): string | null {
  if (value === null || value === undefined || value === false) return null;
  if (value === true) return "";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, weight]) => `${key}:${String(weight)}`)
    .join(" ");
}

/** Read "#e5484d #3b82f6"; commas do too. */
function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** Read "wood:0.8 night"; a name alone has the weight 1. */
function weights(text: string): Record<string, number> {
  return Object.fromEntries(
    words(text).flatMap((each) => {
      const [name = "", weight = "1"] = each.split(":");
      const number = Number(weight);
      return name && Number.isFinite(number) ? [[name, number]] : [];
    }),
  );
}
