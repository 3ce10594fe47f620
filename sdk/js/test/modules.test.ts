/** Every module can be imported where no page is, as by a server that renders one. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const ELSEWHERE = ["media/worklet.mjs"]; // runs in an audio thread alone

test("no module needs a page before it is used", async () => {
  const built = join(process.cwd(), "build/src");
  const names = (await readdir(built, { recursive: true })).filter((name) => name.endsWith(".mjs"));
  assert.ok(names.length > 90, `${names.length} modules`);
  for (const name of names) {
    if (!ELSEWHERE.includes(name)) await import(pathToFileURL(join(built, name)).href);
  }
});
