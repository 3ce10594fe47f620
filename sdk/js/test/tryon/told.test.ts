/** What is said of errors and of pictures, and what is read of a picture's measures. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import { makingOf } from "../../src/media/recipe.ts";
import { readMeasured } from "../../src/tryon/measured.ts";
import { TryonNotes } from "../../src/tryon/notes.ts";
import { recipeOf } from "../../src/tryon/saving.ts";
import { notedOf, toldOf } from "../../src/tryon/telling.ts";
import { en } from "../../src/tryon/words/en.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import { Texts } from "../../src/tryon/words/texts.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage, named } from "../doubles/page.ts";

installPage();

const error = (code: string, more: object = {}): LivedraftError =>
  new LivedraftError({ code, message: "the cloth is torn", fix: "take another", ...more });

test("an error is told in the words of the table, and one that it does not have in its own", () => {
  assert.equal(toldOf(error("server_busy"), en), en.errors.server_busy);
  assert.equal(toldOf(error("server_busy"), tableOf("de")), tableOf("de").errors.server_busy);
  assert.match(toldOf(error("too_large"), en), /at most 120 megapixels and 64 MB/);
  assert.equal(toldOf(error("strange"), en), "Something went wrong: the cloth is torn. take another");
  assert.equal(toldOf(error("strange", { fix: "" }), en), "Something went wrong: the cloth is torn");
});

test("a picture that the server refuses is the garment's: the photo went up as this page wrote it", () => {
  assert.equal(toldOf(error("invalid_image"), en), en.errors.invalid_image);
  assert.match(toldOf(error("invalid_image", { id: 7 }), en), /^The picture of this garment .* torn\. take another$/);
});

test("a note is told in the table's words, with the tool that puts it right", () => {
  const opened: string[] = [];
  const texts = new Texts();
  const notes = new TryonNotes(texts, (place) => opened.push(place));
  const root = notes.root as unknown as Element;
  const note = (code: string, param: string) => ({ code, param, message: `about ${code}`, choices: [] });
  notes.show([
    note("arm_unseen", "joints"),
    note("sleeves_removed", "sleeves"),
    note("no_person", "subject"),
    note("new", ""),
  ]);
  assert.deepEqual(
    root.querySelectorAll("span").map((each) => each.textContent),
    [en.notes.arm_unseen, en.notes.sleeves_removed, en.notes.no_person, "about new"],
  );
  assert.equal(root.querySelectorAll("button").length, 2, "nobody in the photo is chosen");
  named(root, en.points.body).click();
  named(root, en.adjust.sleeves).click();
  assert.deepEqual(opened, ["joints", "adjust"]);
  const [before] = root.children;
  notes.show([
    note("arm_unseen", "joints"),
    note("sleeves_removed", "sleeves"),
    note("no_person", "subject"),
    note("new", ""),
  ]);
  assert.equal(root.children[0], before, "the same is not said anew with each picture");
  texts.use(tableOf("ko"));
  assert.equal(root.querySelector("span")!.textContent, tableOf("ko").notes.arm_unseen);
  notes.show([]);
  assert.ok(root.hidden);
  assert.equal(notedOf(note("new", ""), en), "about new");
});

test("of a picture's measures what is not as it should be is left out", () => {
  const measured = readMeasured({
    points: { l_hem: [0.1, 0.9], torn: [0.1], away: ["x", 1], infinite: [0, Number.NaN] },
    joints: null,
    people: [[0, 0, 0.5, 1], [1, 2], "nobody"],
  });
  assert.deepEqual(measured, { points: { l_hem: [0.1, 0.9] }, joints: {}, people: [[0, 0, 0.5, 1]] });
  for (const nothing of [undefined, null, 7, [], { people: {} }]) {
    assert.deepEqual(readMeasured(nothing), { points: {}, joints: {}, people: [] });
  }
});

test("a saved picture tells how it was made, and nothing of the body in it", () => {
  const params = { fit: 0.2, joints: { nose: [0.5, 0.1] }, subject: [0.5, 0.5], view: "layer" };
  const recipe = recipeOf({ model: "tryon", stage: "final", steps: 1, params }, ["tee-1"]);
  assert.deepEqual(recipe["params"], { fit: 0.2, view: "layer" });
  assert.deepEqual([recipe["skus"], recipe["model"]], [["tee-1"], "tryon"]);
  assert.equal("inputs" in recipe, false);
  assert.equal(makingOf(recipe), "compositeWithTrainedAlgorithmicMedia");
  const unmarked = recipeOf({ model: "tryon", stage: "final", steps: 1, params, mark: "none" }, []);
  assert.equal(makingOf(unmarked), null);
});

test("texts and names follow the language while they are shown", () => {
  const texts = new Texts();
  const span = texts.span(({ actions }) => actions.forget);
  const button = texts.name(document.createElement("button"), ({ actions }) => actions.retry, true);
  texts.use(tableOf("de"));
  const { actions } = tableOf("de");
  assert.equal(span.textContent, actions.forget);
  assert.deepEqual([button.getAttribute("aria-label"), button.title], [actions.retry, actions.retry]);
});
