/** A params schema as pydantic writes it becomes the fields of a form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fields, known } from "../../src/ui/schema.ts";

const SCHEMA = {
  $defs: { Style: { enum: ["flat", "glossy"], type: "string" } },
  properties: {
    prompt: { type: "string", maxLength: 2000, title: "Prompt", default: "" },
    seed: { type: "integer", minimum: 0, maximum: 4294967295, title: "Seed" },
    strength: { type: "number", minimum: 0, maximum: 1, description: "How freely." },
    style: { $ref: "#/$defs/Style", default: "flat" },
    tiled: { anyOf: [{ type: "boolean" }, { type: "null" }], default: null },
    tags: { type: "array", items: { type: "string" } },
    palette: { type: "array", items: { type: "string", pattern: "^#[0-9a-fA-F]{6}$" }, maxItems: 5 },
    loras: { type: "object", additionalProperties: { type: "number" }, maxProperties: 4 },
  },
};

test("each kind of param becomes its field; what no form can show is left out", () => {
  const made = fields(SCHEMA);
  assert.deepEqual(
    made.map(({ key, kind }) => [key, kind]),
    [
      ["prompt", "text"],
      ["seed", "number"],
      ["strength", "number"],
      ["style", "choice"],
      ["tiled", "switch"],
      ["palette", "colours"],
      ["loras", "weights"],
    ],
  );
});

test("a number has its range and a step that fits it", () => {
  const [, seed, strength] = fields(SCHEMA);
  assert.deepEqual(strength, {
    key: "strength",
    title: "Strength",
    hint: "How freely.",
    reach: "all",
    kind: "number",
    min: 0,
    max: 1,
    step: 0.01,
  });
  assert.ok(seed?.kind === "number" && seed.step === 1 && seed.max === 4294967295);
});

test("a number may tell what its 0 is called", () => {
  const properties = {
    width: { type: "integer", "x-unasked": "auto" },
    height: { anyOf: [{ type: "integer" }, { type: "null" }], "x-unasked": "auto" },
    steps: { type: "integer" },
    odd: { type: "integer", "x-unasked": 7 },
  };
  assert.deepEqual(
    fields({ properties }).map((field) => ("unasked" in field ? field.unasked : null)),
    ["auto", "auto", null, null],
  );
});

test("a param may tell that it changes some pictures only", () => {
  const properties = {
    steps: { type: "integer", "x-reach": "refined" },
    strength: { type: "number", "x-reach": "coloured" },
  };
  assert.deepEqual(
    fields({ properties }).map(({ reach }) => reach),
    ["refined", "coloured"],
  );
});

test("a list of colours has its length, a map of weights its largest", () => {
  const made = fields(SCHEMA);
  const palette = made.find(({ key }) => key === "palette");
  const loras = made.find(({ key }) => key === "loras");
  assert.ok(palette?.kind === "colours" && palette.most === 5);
  assert.ok(loras?.kind === "weights" && loras.max === 1.5 && loras.most === 4);
});

test("only params that the model knows are sent", () => {
  assert.deepEqual(known({ prompt: "fox", strenth: 1, toString: 2 }, SCHEMA), { prompt: "fox" });
});

test("no schema gives no fields", () => {
  assert.deepEqual(fields(undefined), []);
});
