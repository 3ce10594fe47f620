/** What is told of a server before a session: each way apart, in words and as values. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connectivity } from "../../src/client/connectivity.ts";
import { check } from "../../src/client/connectivity.ts";
import { Browser } from "./stand_ins.ts";

const STATS = { route: "relay", roundTripMs: 41.6 };

/** Check with a browser, which does what is said once both ways are tried. */
async function checked(act: (browser: Browser) => void, browser = new Browser()): Promise<[Connectivity, Browser]> {
  const found = check("http://gpu.example:7860", "t", browser);
  await browser.pass(0);
  act(browser);
  await browser.pass(0);
  await browser.pass(5_000);
  return [await found, browser];
}

function answer(browser: Browser): void {
  Object.assign(browser.peers[0]!, { rtp: { stats: async () => STATS } });
  browser.peers[0]?.accept();
}

test("both ways work, and neither stays open", async () => {
  const [found, browser] = await checked((each) => {
    each.latest.accept();
    answer(each);
  });
  assert.deepEqual([found.websocket.works, found.webrtc.works, found.webrtc.route], [true, true, "relay"]);
  assert.equal(found.message, "WebRTC works by a relay, 42 ms there and back; so does the WebSocket.");
  assert.deepEqual([browser.latest.received, browser.peers[0]?.received], [[], []], "nothing is opened on it");
  assert.ok(browser.latest.closed !== null && browser.peers[0]?.closed !== null);
});

test("what does not work is named with its reason", async () => {
  const [blocked] = await checked((each) => each.latest.accept());
  assert.equal(blocked.message, "The WebSocket works; WebRTC does not: nothing answers.");
  const [proxied] = await checked((each) => {
    each.latest.break();
    answer(each);
  });
  assert.equal(
    proxied.message,
    "WebRTC works by a relay, 42 ms there and back; the WebSocket does not: it was refused.",
  );
  const [none] = await checked((each) => each.latest.break());
  assert.equal(none.message, "The server at gpu.example:7860 cannot be reached.");
  const old = new Browser();
  old.callable = false;
  const [without] = await checked((each) => each.latest.accept(), old);
  assert.equal(without.webrtc.why, "this browser has no WebRTC");
});
