/** The strip of garments and what is worn of it: what a visitor sees, presses and hears. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cart } from "../../src/tryon/shop/cart.ts";
import { Catalogue } from "../../src/tryon/shop/catalogue.ts";
import type { Garment } from "../../src/tryon/shop/garments.ts";
import { en } from "../../src/tryon/words/en.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening, page } from "../doubles/dom.ts";
import { installPage, key, named, type } from "../doubles/page.ts";

installPage();

/** A test double of the browser's: what it watches comes near when a test says so. */
class Watcher {
  static last: Watcher;
  readonly watched = new Set<unknown>();
  constructor(readonly tell: (entries: object[]) => void) {
    Watcher.last = this;
  }
  observe = (target: unknown): void => void this.watched.add(target);
  unobserve = (target: unknown): void => void this.watched.delete(target);
  disconnect = (): void => this.watched.clear();
  near(target: Element, isIntersecting = true): void {
    this.tell([{ target, isIntersecting }]);
  }
}
Object.assign(globalThis, { IntersectionObserver: Watcher });

function garment(sku: string, category: Garment["category"], title: string, more: Partial<Garment> = {}): Garment {
  return { sku, image: `http://shop.example/${sku}.png`, title, category, url: "", price: "", ...more };
}

const ALL = [
  garment("a", "upper", "Café shirt", { price: "39 €" }),
  garment("b", "lower", "Jeans"),
  garment("c", "upper", "Jumper"),
  garment("d", "dress", "Gown", { url: "http://shop.example/d" }),
];

function shown(garments: readonly Garment[] = ALL) {
  let words = en as Parameters<typeof tableOf>[1] as typeof en;
  const chosen: string[] = [];
  const catalogue = new Catalogue(
    () => words.catalogue,
    ({ sku }) => chosen.push(sku),
  );
  catalogue.offer(garments);
  const root = catalogue.root as unknown as Element;
  const options = (): Element[] => root.querySelectorAll("[role=option]").filter((each) => !each.hidden);
  const skus = (): string[] => options().map((each) => each.dataset["sku"]!);
  const list = root.querySelector("[role=listbox]")!;
  const at = (sku: string): Element => root.querySelector(`[data-sku=${sku}]`)!;
  const say = (language: string): void => {
    words = tableOf(language) as typeof en;
    catalogue.reword();
  };
  return { catalogue, root, chosen, options, skus, list, at, say, field: root.querySelector("input")! };
}

test("garments are options of a list that takes several; none is said to be none", () => {
  const { root, list, options, chosen, at } = shown();
  assert.deepEqual(
    options().map((each) => each.textContent),
    ["Café shirt39 €", "Jeans", "Jumper", "Gown"],
  );
  assert.deepEqual([list.getAttribute("aria-multiselectable"), list.getAttribute("aria-label")], ["true", "Garments"]);
  at("b").children[0]!.click();
  list.click();
  assert.deepEqual(chosen, ["b"]);
  assert.equal(root.querySelector(".none")!.hidden, true);
  assert.equal(shown([]).root.querySelector(".none")!.textContent, en.catalogue.empty);
});

test("what is worn is selected", () => {
  const { catalogue, at } = shown();
  catalogue.worn(["a", "b"]);
  catalogue.worn(["b", "x"]);
  const selected = ["a", "b", "c"].map((sku) => at(sku).getAttribute("aria-selected"));
  assert.deepEqual(selected, ["false", "true", "false"]);
});

test("what is worn by its SKU comes into sight, without the page around it moving", () => {
  const { catalogue, at, list } = shown();
  const moved: unknown[] = [];
  Object.assign(list, {
    getBoundingClientRect: () => ({ left: 100, right: 400 }),
    scrollBy: (by: unknown) => moved.push(by),
  });
  Object.assign(at("c"), { getBoundingClientRect: () => ({ left: 500, right: 600 }) });
  for (const sku of ["a", "b"]) Object.assign(at(sku), { getBoundingClientRect: () => ({ left: 120, right: 220 }) });
  catalogue.worn(["a"]);
  assert.deepEqual(moved, []);
  catalogue.worn(["a", "c"]);
  assert.deepEqual(moved, [{ left: 300 }]);
  catalogue.worn(["b", "c"]);
  assert.equal(moved.length, 1, "what was worn before moves nothing");
});

test("a search shows what is found, says how many, and what there is not", () => {
  const { root, field, skus } = shown();
  const [none, status] = [root.querySelector(".none")!, root.querySelector("[role=status]")!];
  assert.equal(status.textContent, "", "nobody searched yet");
  type(field, "CAFE");
  assert.deepEqual([skus(), status.textContent, none.hidden], [["a"], "Garments found: 1", true]);
  type(field, "boots");
  assert.deepEqual([skus(), none.hidden], [[], false]);
  assert.match(none.textContent, /“boots”/);
  named(root, en.catalogue.clear).click();
  assert.deepEqual([field.value, skus().length, page.focused === field], ["", 4, true]);
});

test("kinds narrow it down where there are several; those that are not there are not offered", () => {
  const { root, skus } = shown();
  named(root, "Tops").click();
  assert.deepEqual(skus(), ["a", "c"]);
  const pressed = root.querySelectorAll(".chip").filter((each) => each.getAttribute("aria-pressed") === "true");
  assert.deepEqual(
    pressed.map((each) => each.textContent),
    ["Tops"],
  );
  named(root, "All").click();
  assert.equal(skus().length, 4);
  const tops = shown(ALL.filter(({ category }) => category === "upper"));
  assert.deepEqual([tops.root.querySelector(".kinds")!.hidden, tops.root.querySelectorAll(".chip").length], [true, 0]);
});

test("Tab leads to one garment; arrows, Home and End move along, as the text runs", () => {
  const { list, at, options, chosen } = shown();
  const stops = (): string[] => options().flatMap((each) => (each.tabIndex === 0 ? [each.dataset["sku"]!] : []));
  const go = (from: string, name: string, more = {}): [string, boolean] => {
    const { defaultPrevented } = key(at(from), name, more);
    return [stops().join(), defaultPrevented];
  };
  assert.deepEqual(stops(), ["a"]);
  assert.deepEqual(go("a", "ArrowRight"), ["b", true]);
  assert.equal(page.focused, at("b"));
  assert.deepEqual(go("b", "ArrowLeft"), ["a", true]);
  assert.deepEqual(go("a", "ArrowLeft"), ["a", true]);
  assert.deepEqual(go("a", "End"), ["d", true]);
  assert.deepEqual(go("d", "Home"), ["a", true]);
  assert.deepEqual(go("a", "ArrowRight", { altKey: true }), ["a", false], "the browser's own");
  assert.deepEqual(go("a", "Tab"), ["a", false]);
  list.setAttribute("dir", "rtl");
  assert.deepEqual(go("a", "ArrowLeft"), ["b", true]);
  key(at("b"), "Enter");
  key(at("b"), " ");
  assert.deepEqual(chosen, ["b", "b"]);
});

test("Down leads from the search into the garments, Escape empties it before it is a dialog's", () => {
  const { field, at, skus } = shown();
  type(field, "jeans");
  key(field, "ArrowDown");
  assert.equal(page.focused, at("b"));
  const first = key(field, "Escape");
  assert.deepEqual([first.stopped, field.value, skus().length], [true, "", 4]);
  assert.equal(key(field, "Escape").stopped, false);
  type(field, "nothing");
  assert.equal(key(field, "ArrowDown").defaultPrevented, false);
});

test("pictures load when they come near, once", () => {
  const { at } = shown();
  const picture = at("a").querySelector("img")!;
  assert.equal(picture.hasAttribute("src"), false);
  Watcher.last.near(at("a"), false);
  assert.equal(picture.hasAttribute("src"), false);
  Watcher.last.near(at("a"));
  assert.equal(picture.getAttribute("src"), "http://shop.example/a.png");
  assert.equal(Watcher.last.watched.size, 3);
  picture.dispatchEvent(new Happening("load"));
  assert.equal(at("a").hasAttribute("data-loaded"), true);
});

test("a picture that cannot be had says so, and is loaded again by a press, which wears nothing", () => {
  const { at, chosen } = shown();
  const picture = at("a").querySelector("img")!;
  Watcher.last.near(at("a"));
  picture.dispatchEvent(new Happening("error"));
  assert.match(at("a").textContent, /No picture/);
  at("a").click();
  assert.deepEqual([chosen, at("a").hasAttribute("data-broken")], [[], false]);
  assert.doesNotMatch(at("a").textContent, /No picture/);
  at("a").click();
  assert.deepEqual(chosen, ["a"]);
});

test("other garments take their place, with nothing left of the search", () => {
  const { catalogue, field, skus, root } = shown();
  type(field, "jeans");
  catalogue.offer([ALL[0]!]);
  assert.deepEqual([field.value, skus()], ["", ["a"]]);
  assert.equal(Watcher.last.watched.size, 1);
  assert.equal(root.querySelectorAll("[role=option]").length, 1);
});

test("another language says all anew and finds kinds by its own words", () => {
  const { root, field, skus, say } = shown();
  say("de");
  assert.equal(field.getAttribute("placeholder"), "Kleidung suchen");
  type(field, "oberteil");
  assert.deepEqual(skus(), ["a", "c"]);
  say("ko");
  named(root, "바지와 치마");
});

test("what is worn can be bought, looked up and taken off; the button says that it was heard", () => {
  const heard: string[] = [];
  let added = true;
  let sells = true;
  const acts = {
    add: ({ sku }: Garment) => heard.push(`add ${sku}`) > 0 && added,
    remove: ({ sku }: Garment) => void heard.push(`remove ${sku}`),
  };
  const cart = new Cart(
    () => en.cart,
    acts,
    () => sells,
  );
  const root = cart.root as unknown as Element;
  assert.equal(root.hidden, true);
  cart.show([ALL[0]!, ALL[3]!]);
  assert.equal(root.hidden, false);
  assert.equal(root.querySelector("a")!.getAttribute("href"), "http://shop.example/d");
  const press = named(root, "Add Café shirt to the cart");
  press.click();
  assert.equal(press.textContent, "Added");
  assert.equal(root.querySelector("[role=status]")!.textContent, "Café shirt was added to the cart.");
  cart.show([ALL[0]!, ALL[3]!]);
  assert.equal(press.textContent, "Added", "what is shown again is not drawn again");
  added = false;
  named(root, "Add Gown to the cart").click();
  assert.equal(named(root, "Add Gown to the cart").textContent, "Add to cart", "the page tells it itself");
  named(root, "Take off Gown").click();
  assert.deepEqual(heard, ["add a", "add d", "remove d"]);
  sells = false;
  cart.reword();
  assert.equal(root.querySelectorAll(".primary").length, 0);
  cart.show([]);
  assert.equal(root.hidden, true);
});
