/** Where a server is, whatever a page calls it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { absolute, endpoint, serverOf } from "../../src/client/address.ts";

const BASE = "https://page.test/app/index.html";

test("every way to say a server leads to its WebSocket", () => {
  for (const [url, address] of [
    ["", "wss://page.test/v1/realtime"],
    ["/", "wss://page.test/v1/realtime"],
    ["http://127.0.0.1:7860", "ws://127.0.0.1:7860/v1/realtime"],
    ["https://a.test/live/", "wss://a.test/live/v1/realtime"],
    ["ws://a.test/v1/realtime?key=1#x", "ws://a.test/v1/realtime?key=1"],
  ] as const)
    assert.equal(endpoint(url, BASE), address);
});

test("what is no address stays as it is, for who connects to say so", () => {
  assert.equal(absolute("http://[", BASE), "http://[");
  assert.equal(absolute("../up", BASE), "https://page.test/up");
});

test("a server's lists are beside its WebSocket; there and back again is the same server", () => {
  for (const url of ["http://a.test", "http://a.test/", "ws://a.test/v1/realtime?x=1", "http://a.test/#top"]) {
    assert.equal(serverOf(url), "http://a.test");
    assert.equal(serverOf(endpoint(url, BASE)), "http://a.test");
  }
  assert.equal(serverOf("wss://a.test/live/v1/realtime"), "https://a.test/live");
});
