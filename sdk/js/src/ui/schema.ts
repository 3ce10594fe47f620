/** Reads a model's params schema (JSON Schema as pydantic writes it) into fields of a form. */

import type { Params } from "../client/protocol.ts";
import { words } from "./dom.ts";

/** What a param changes: every picture, refined ones, or pictures of drawings that say a colour. */
export type Reach = "all" | "refined" | "coloured";

export type Field = { key: string; title: string; hint: string; reach: Reach } & (
  | { kind: "number"; min: number; max: number; step: number; unasked?: string } // `unasked`: what 0 is called
  | { kind: "choice"; choices: (string | number)[]; labels?: Readonly<Record<string, string>>; mix?: Mix }
  | { kind: "switch" }
  | { kind: "text"; longest: number }
  | { kind: "colours"; most: number } // a list of "#rrggbb"
  | { kind: "weights"; max: number; most: number } // a map of up to so many names to numbers from 0 on
);

/** The params by which another choice is mixed in, and how much of it. */
export type Mix = { second: string; share: string };

type Node = Record<string, unknown>;

const HEX = "^#[0-9a-fA-F]{6}$"; // the pattern by which a text is a colour

/** Return a field for each param that a form can show; the others stay at their defaults. */
export function fields(schema: Node | undefined): Field[] {
  const properties = (schema?.["properties"] ?? {}) as Record<string, Node>;
  return Object.entries(properties).flatMap(([key, node]) => {
    const field = fieldOf(key, node, (schema?.["$defs"] ?? {}) as Record<string, Node>);
    return field ? [field] : [];
  });
}

/** Return the params that the schema knows. */
export function known(params: Params, schema: Node | undefined): Params {
  const properties = (schema?.["properties"] ?? {}) as Node;
  return Object.fromEntries(Object.entries(params).filter(([key]) => Object.hasOwn(properties, key)));
}

/** Return the params as the model has them before anybody asks for another value. */
export function usual(schema: Node | undefined): Params {
  const properties = Object.entries((schema?.["properties"] ?? {}) as Record<string, Node>);
  return Object.fromEntries(properties.flatMap(([key, node]) => ("default" in node ? [[key, node["default"]]] : [])));
}

function fieldOf(key: string, node: Node, defs: Record<string, Node>): Field | null {
  const type = resolved(node, defs);
  const common = {
    key,
    title: String(node["title"] ?? words(key)),
    hint: String(node["description"] ?? type["description"] ?? ""),
    reach: (node["x-reach"] ?? "all") as Reach,
  };
  if (Array.isArray(type["enum"])) {
    const mix = node["x-mix"] ? { mix: node["x-mix"] as Mix } : {};
    return { ...common, kind: "choice", choices: type["enum"] as string[], ...mix };
  }
  if (type["type"] === "boolean") return { ...common, kind: "switch" };
  if (type["type"] === "array" && inner(type["items"])["pattern"] === HEX) {
    return { ...common, kind: "colours", most: Number(type["maxItems"] ?? 6) };
  }
  const weight = type["type"] === "object" ? inner(type["additionalProperties"]) : {};
  if (weight["type"] === "number") {
    return {
      ...common,
      kind: "weights",
      max: Number(weight["maximum"] ?? 1.5),
      most: Number(type["maxProperties"] ?? Infinity),
    };
  }
  if (type["type"] === "string") return { ...common, kind: "text", longest: Number(type["maxLength"] ?? 2000) };
  if (type["type"] !== "number" && type["type"] !== "integer") return null;
  const unasked = typeof node["x-unasked"] === "string" ? { unasked: node["x-unasked"] } : {};
  return { ...common, kind: "number", ...range(type), ...unasked };
}

/** Return the schema of what a list or a map holds; empty where it says none. */
function inner(node: unknown): Node {
  return typeof node === "object" && node !== null ? (node as Node) : {};
}

function range(type: Node): { min: number; max: number; step: number } {
  const whole = type["type"] === "integer";
  const min = Number(type["minimum"] ?? type["exclusiveMinimum"] ?? 0);
  const max = Number(type["maximum"] ?? type["exclusiveMaximum"] ?? (whole ? 100 : 1));
  const step = Number(type["multipleOf"] ?? (whole ? 1 : max - min <= 2 ? 0.01 : max - min <= 20 ? 0.1 : 1));
  return { min, max, step };
}

/** Follow references, and take what an optional type holds beside null. */
function resolved(node: Node, defs: Record<string, Node>): Node {
  const reference = node["$ref"];
  if (typeof reference === "string") {
    return resolved(defs[reference.split("/").pop() ?? ""] ?? {}, defs);
  }
  const several = (node["anyOf"] ?? node["allOf"]) as Node[] | undefined;
  const chosen = several?.find((each) => each["type"] !== "null");
  return chosen ? resolved({ ...node, anyOf: undefined, allOf: undefined, ...chosen }, defs) : node;
}
