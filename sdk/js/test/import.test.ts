/** The built files can be imported where no page is, as by a server that renders one; and twice. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";

const built = join(process.cwd(), "../livedraft/elements");

test("the module gives its client to Node, and twice", async () => {
  const address = pathToFileURL(join(built, "livedraft.mjs")).href;
  for (const copy of [address, `${address}?second`]) {
    const { connect, LivedraftSketch } = (await import(copy)) as Record<string, unknown>;
    assert.equal(typeof connect, "function");
    assert.equal(typeof LivedraftSketch, "function");
  }
});

test("the script runs where no page is", async () => {
  const scope: Record<string, unknown> = { TextDecoder, TextEncoder }; // what servers have, too
  runInNewContext(await readFile(join(built, "livedraft.js"), "utf8"), scope);
  assert.equal(typeof (scope["livedraft"] as Record<string, unknown>)["connect"], "function");
});
