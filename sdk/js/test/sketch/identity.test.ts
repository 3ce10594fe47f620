/** What a drawing is kept by, and that a change is told once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Changes } from "../../src/sketch/changes.ts";
import { claim, page, release, vacated } from "../../src/sketch/identity.ts";

test("a page is its path, with what of its query and hash leads to another page", () => {
  assert.equal(page({ pathname: "/art", search: "", hash: "" }), "/art");
  assert.equal(
    page({ pathname: "/art", search: "?b=2&a=1&utm_source=x&gclid=y&__theme=dark", hash: "#top" }),
    "/art?a=1&b=2",
  );
  assert.equal(page({ pathname: "/", search: "", hash: "#/rooms/3" }), "/#/rooms/3");
});

test("two owners of a key get keys of their own; a new one waits for what the last one writes", async () => {
  const [first, second] = [{}, {}];
  assert.equal(claim("key", first), "key");
  assert.equal(claim("key", first), "key");
  assert.equal(claim("key", second), "key 2");
  let written = (): void => undefined;
  release("key", first, new Promise<void>((resolve) => (written = resolve)));
  release("key", second, Promise.resolve()); // not its own: nothing happens
  assert.equal(claim("key", second), "key");
  let free = false;
  const waiting = vacated("key").then(() => (free = true));
  await Promise.resolve();
  assert.equal(free, false);
  written();
  await waiting;
});

test("each thing that was done is told once, when it is on show", () => {
  let shown = false;
  let told = 0;
  let begun = 0;
  const changes = new Changes(
    () => shown,
    () => (told += 1),
    () => (begun += 1),
  );
  changes.check();
  changes.note();
  changes.note();
  changes.check();
  assert.deepEqual([told, begun], [0, 2]);
  shown = true;
  changes.check();
  changes.check();
  assert.equal(told, 1);
});
