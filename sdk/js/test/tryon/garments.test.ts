/** A shop's garments: read and refused, found by SKU and by search, worn together. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { closest } from "../../src/tryon/shop/closest.ts";
import type { Garment } from "../../src/tryon/shop/garments.ts";
import { find, parseGarments, readGarments } from "../../src/tryon/shop/garments.ts";
import { listed, NOTHING, putOn, takeOff, together } from "../../src/tryon/shop/outfit.ts";
import { fold, Search } from "../../src/tryon/shop/search.ts";
import { installPage } from "../doubles/page.ts";

installPage();

const TEE = { sku: "tee-1", image: "/tee.png", title: "Tee", category: "upper" };

function garment(sku: string, category: Garment["category"] = "upper", title = sku): Garment {
  return { sku, image: `http://shop.example/${sku}.png`, title, category, url: "", price: "" };
}

test("a garment is whole with a SKU and an image; addresses are the page's", () => {
  assert.deepEqual(readGarments([{ sku: 7, image: "a.png" }]), [
    { sku: "7", image: "http://localhost:7860/a.png", title: "7", category: "auto", url: "", price: "" },
  ]);
  const [read] = parseGarments(JSON.stringify([{ ...TEE, price: 39.9, url: "/p/tee" }]));
  assert.deepEqual([read?.price, read?.url], ["39.9", "http://localhost:7860/p/tee"]);
  assert.equal(readGarments([{ ...TEE, image: "data:image/png;base64,AA" }])[0]?.image, "data:image/png;base64,AA");
  assert.deepEqual([parseGarments(null), parseGarments("  ")], [[], []]);
});

const WRONG: [unknown, RegExp, RegExp][] = [
  ["tee", /a string, not a list/, /give a list/],
  [null, /nothing, not a list/, /give a list/],
  [[TEE, "tee"], /garment 2 is a string/, /list of objects/],
  [[[]], /garment 1 is a list/, /list of objects/],
  [[{ image: "/a.png" }], /garment 1 has no sku/, /a sku/],
  [[{ ...TEE, sku: "  " }], /garment 1 has no sku/, /a sku/],
  [[TEE, { ...TEE }], /two garments have the SKU 'tee-1'/, /of its own/],
  [[{ sku: "a" }], /'a' has no image/, /"image"/],
  [[{ ...TEE, image: "javascript:alert(1)" }], /no picture's address/, /https/],
  [[{ ...TEE, image: "data:text/html,x" }], /no picture's address/, /data:image/],
  [[{ ...TEE, image: "http://[" }], /no picture's address/, /https/],
  [[{ ...TEE, category: "uper" }], /unknown category 'uper'/, /did you mean 'upper'/],
  [[{ ...TEE, category: "shoes" }], /unknown category 'shoes'/, /auto, upper, lower, dress/],
  [[{ ...TEE, titel: "x" }], /unknown key 'titel'/, /did you mean 'title'/],
  [[{ ...TEE, colour: "x" }], /unknown key 'colour'/, /keys: sku/],
  [[{ ...TEE, url: "javascript:alert(1)" }], /url of garment 'tee-1'/, /https/],
  [[{ ...TEE, url: "data:text/html,x" }], /url of garment 'tee-1'/, /https/],
];

test("what is wrong with a list is said, and what to write instead", () => {
  for (const [list, message, fix] of WRONG) {
    assert.throws(() => readGarments(list), { code: "garments_invalid", message, fix }, JSON.stringify(list));
  }
  assert.throws(() => parseGarments("[{]"), { code: "garments_invalid", message: /no JSON/, fix: /"sku"/ });
});

test("an unknown SKU names the one that was meant, or those there are", () => {
  const all = ["tee-red", "tee-blue", "jeans"].map((sku) => garment(sku));
  assert.equal(find(all, "jeans").sku, "jeans");
  assert.throws(() => find(all, "tee-rde"), { code: "garment_unknown", fix: "did you mean 'tee-red'?" });
  assert.throws(() => find(all, "xyz"), { fix: "use one of: tee-red, tee-blue, jeans" });
  const many = Array.from({ length: 9 }, (_, i) => garment(`g${i}`));
  assert.throws(() => find(many, "??????"), { fix: "use one of: g0, g1, g2, g3, g4, …" });
  assert.throws(() => find([], "tee"), { fix: /garments first/ });
});

test("the nearest name has most letters in common, whatever their case; swapped ones count once", () => {
  const known = ["shirt-1", "shirt-2", "SKIRT"];
  assert.equal(closest("shirt1", known), "shirt-1");
  assert.equal(closest("skitr", known), "SKIRT");
  assert.equal(closest("", known), null);
  assert.equal(closest("trousers", known), null);
});

test("search does not mind accents, capitals, widths, vowel marks and letters of one sound", () => {
  for (const [typed, title] of [
    ["cafe", "Café"],
    ["STRASSE", "Straße"],
    ["smorrebrod", "Smørrebrød"],
    ["istanbul", "İstanbul"],
    ["t-shirt", "Ｔ－ｓｈｉｒｔ"],
    ["فستان احمر", "فُسْتَان أَحْمَر"],
    ["تنوره", "تنورة"],
    ["جميـــل", "جميل"],
  ] as const) {
    assert.ok(fold(title).includes(fold(typed)), `${typed} in ${title}: ${fold(typed)} ${fold(title)}`);
  }
});

test("Korean is found while it is still being typed", () => {
  for (const typed of ["ㅅ", "셔", "셔ㅊ", "셫", "셔츠", "ㅊ"]) {
    assert.deepEqual(new Search([garment("a", "upper", "흰 셔츠")], () => "").find(typed), [true], typed);
  }
  assert.deepEqual(new Search([garment("a", "upper", "닭")], () => "").find("달ㄱ"), [true]);
  assert.deepEqual(new Search([garment("a", "upper", "바지")], () => "").find("셔츠"), [false]);
});

test("all words are to be found, in title, SKU or category, as the page or its code says it", () => {
  const all = [garment("A-1", "upper", "Red shirt"), garment("B-2", "dress", "Red evening gown")];
  const search = new Search(
    all,
    (category) => ({ auto: "", upper: "Tops", lower: "Hosen", dress: "Kleider" })[category],
  );
  const found = (typed: string): string[] => all.filter((_, i) => search.find(typed)[i]).map(({ sku }) => sku);
  assert.deepEqual(["", "red", "gown  RED", "b-2", "kleid", "dress", "red blue"].map(found), [
    ["A-1", "B-2"],
    ["A-1", "B-2"],
    ["B-2"],
    ["B-2"],
    ["B-2"],
    ["B-2"],
    [],
  ]);
});

test("a top and what is below it are worn together, a dress alone", () => {
  const [top, jumper, jeans, gown] = [
    garment("top"),
    garment("jumper", "auto"),
    garment("jeans", "lower"),
    garment("gown", "dress"),
  ];
  const skus = (...order: Garment[]): string[] => listed(order.reduce(putOn, NOTHING)).map(({ sku }) => sku);
  assert.deepEqual(skus(jeans, top), ["top", "jeans"]);
  assert.deepEqual(skus(jeans, top, jumper), ["jumper", "jeans"]);
  assert.deepEqual(skus(jeans, top, gown), ["gown"]);
  assert.deepEqual(skus(gown, jeans), ["jeans"]);
  assert.deepEqual(skus(gown, top), ["top"]);
  assert.deepEqual(listed(takeOff(together([top, jeans]), "top")), [jeans]);
  assert.deepEqual(together([]), NOTHING);
  assert.deepEqual(listed(together([top, top])), [top]);
  for (const wrong of [
    [top, jumper],
    [gown, jeans],
    [jeans, gown],
    [top, jeans, jumper],
  ]) {
    assert.throws(() => together(wrong), { code: "outfit_invalid", fix: /'upper' with one of category 'lower'/ });
  }
});
