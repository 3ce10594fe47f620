/** The garments of a shop, as its page gives them: read, checked, found by SKU. */

import { LivedraftError } from "../../errors.ts";
import { closest } from "./closest.ts";

export const CATEGORIES = ["auto", "upper", "lower", "dress"] as const;

/** What it is: a top, trousers or a skirt, a dress; `auto` leaves it to the model. */
export type Category = (typeof CATEGORIES)[number];

/** A garment as a page gives it. */
export interface GarmentJson {
  sku: string;
  image: string; // an address, or a data or blob URL, of its picture
  title?: string; // default: the SKU
  category?: Category;
  url?: string; // of its own page in the shop
  price?: string | number; // as it is to be read, such as "39.90 €"
}

/** A garment with nothing left open. */
export interface Garment {
  readonly sku: string;
  readonly image: string;
  readonly title: string;
  readonly category: Category;
  readonly url: string; // empty: none
  readonly price: string; // empty: none
}

const KEYS = ["sku", "image", "title", "category", "url", "price"];
const PICTURES = /^(https?:|blob:|data:image\/)/i;
const EXAMPLE = '[{"sku": "tee-1", "image": "/tee.png", "title": "Tee", "category": "upper"}]';

/** Read the attribute `garments`; raise `garments_invalid`, which says what to write instead. */
export function parseGarments(text: string | null): Garment[] {
  if (!text?.trim()) return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw invalid(`the attribute garments is no JSON: ${why}`, `write garments='${EXAMPLE}'`);
  }
  return readGarments(json);
}

/** Check a page's list of garments; raise `garments_invalid` at the first that is not right. */
export function readGarments(list: unknown): Garment[] {
  if (!Array.isArray(list)) throw invalid(`garments is ${kindOf(list)}, not a list`, `give a list: ${EXAMPLE}`);
  const found = list.map((each, i) => readGarment(each, i + 1));
  const skus = new Set<string>();
  for (const { sku } of found) {
    if (skus.has(sku)) throw invalid(`two garments have the SKU '${sku}'`, "give each garment a SKU of its own");
    skus.add(sku);
  }
  return found;
}

/** Return the garment of a SKU; raise `garment_unknown`, which names the nearest. */
export function find(garments: readonly Garment[], sku: string): Garment {
  const found = garments.find((each) => each.sku === sku);
  if (found) return found;
  const skus = garments.map((each) => each.sku);
  const near = closest(String(sku), skus);
  const some = `${skus.slice(0, 5).join(", ")}${skus.length > 5 ? ", …" : ""}`;
  const known = some ? `use one of: ${some}` : "give the element garments first: el.garments = […]";
  throw new LivedraftError({
    code: "garment_unknown",
    message: `no garment has the SKU '${shorten(sku)}'`,
    fix: near ? `did you mean '${near}'?` : known,
  });
}

function readGarment(json: unknown, place: number): Garment {
  if (!json || typeof json !== "object" || Array.isArray(json))
    throw invalid(`garment ${place} is ${kindOf(json)}, not an object`, `give a list of objects: ${EXAMPLE}`);
  const given = json as Record<string, unknown>;
  const sku = label(given["sku"]);
  if (!sku) throw invalid(`garment ${place} has no sku`, "give each garment a sku, by which your shop knows it");
  const named = `garment '${shorten(sku)}'`;
  for (const key of Object.keys(given)) {
    if (KEYS.includes(key)) continue;
    const near = closest(key, KEYS);
    throw invalid(`${named} has an unknown key '${shorten(key)}'`, near ? `did you mean '${near}'?` : `keys: ${KEYS}`);
  }
  return {
    sku,
    image: imageOf(given["image"], named),
    title: label(given["title"]) || sku,
    category: categoryOf(given["category"], named),
    url: linkOf(given["url"], named),
    price: label(given["price"]),
  };
}

function imageOf(value: unknown, named: string): string {
  const image = typeof value === "string" ? value.trim() : "";
  if (!image) throw invalid(`${named} has no image`, 'give it the address of its picture: "image": "/tee.png"');
  const address = addressOf(image);
  if (!address || !PICTURES.test(address))
    throw invalid(`the image of ${named} is no picture's address`, "use an address (https:), or a data:image/ URL");
  return address;
}

function categoryOf(value: unknown, named: string): Category {
  if (value === undefined || value === null || value === "") return "auto";
  const found = CATEGORIES.find((each) => each === value);
  if (found) return found;
  const near = closest(String(value), CATEGORIES);
  const fix = near ? `did you mean '${near}'?` : `use one of: ${CATEGORIES.join(", ")}`;
  throw invalid(`${named} has an unknown category '${shorten(value)}'`, fix);
}

/** Return a link's address; never one that runs a script where it is followed. */
function linkOf(value: unknown, named: string): string {
  const url = label(value);
  if (!url) return "";
  const address = addressOf(url);
  if (!address || !/^https?:/i.test(address))
    throw invalid(`the url of ${named} is no page's address`, 'use an address (https:) or a path: "url": "/tee"');
  return address;
}

function addressOf(text: string): string | null {
  try {
    return new URL(text, document.baseURI).href;
  } catch {
    return null;
  }
}

function label(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function shorten(value: unknown): string {
  return String(value).slice(0, 40);
}

function invalid(message: string, fix: string): LivedraftError {
  return new LivedraftError({ code: "garments_invalid", message, fix });
}
