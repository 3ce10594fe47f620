/** Where an element finds a file of ours: beside its script, or on the server where a bundler took the script in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { beside } from "../../src/client/address.ts";

const FILE = "livedraft-microphone.js";

test("a script's own folder has its files, and no other script's has", () => {
  const on = (script: string): string => beside(script, "https://draw.example.org/x", FILE);
  assert.equal(on("https://cdn.example.org/a/livedraft-head.mjs?v=1"), `https://cdn.example.org/a/${FILE}`);
  assert.equal(on("https://cdn.example.org/livedraft.js"), `https://cdn.example.org/${FILE}`);
  for (const bundled of [
    "https://shop.example.org/assets/index-4f.js",
    "http://127.0.0.1/.vite/deps/livedraft_head.js",
    "",
  ])
    assert.equal(on(bundled), `https://draw.example.org/x/${FILE}`);
});
