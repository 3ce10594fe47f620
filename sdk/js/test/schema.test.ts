/** A params schema as pydantic writes it becomes the fields of a form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fields, known } from "../src/schema.ts";

const SCHEMA = {
  $defs: { Style: { enum: ["flat", "glossy"], type: "string" } },
  properties: {
    prompt: { type: "string", maxLength: 2000, title: "Prompt", default: "" },
    seed: { type: "integer", minimum: 0, maximum: 4294967295, title: "Seed" },
    strength: { type: "number", minimum: 0, maximum: 1, description: "How freely." },
    style: { $ref: "#/$defs/Style", default: "flat" },
    tiled: { anyOf: [{ type: "boolean" }, { type: "null" }], default: null },
    loras: { type: "array", items: { type: "string" } },
  },
};

test("each kind of param becomes its field; what no form can show is left out", () => {
  const made = fields(SCHEMA);
  assert.deepEqual(made.map(({ key, kind }) => [key, kind]), [
    ["prompt", "text"], ["seed", "number"], ["strength", "number"], ["style", "choice"], ["tiled", "switch"],
  ]);
});

test("a number has its range and a step that fits it", () => {
  const [, seed, strength] = fields(SCHEMA);
  assert.deepEqual(strength, { key: "strength", title: "Strength", hint: "How freely.", kind: "number", min: 0, max: 1, step: 0.01 });
  assert.ok(seed?.kind === "number" && seed.step === 1 && seed.max === 4294967295);
});

test("only params that the model knows are sent", () => {
  assert.deepEqual(known({ prompt: "fox", strenth: 1, toString: 2 }, SCHEMA), { prompt: "fox" });
});

test("no schema gives no fields", () => {
  assert.deepEqual(fields(undefined), []);
});
