/** What a user is told of a connection that never was, or broke. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { endpoint } from "../../src/client/address.ts";
import { Emitter } from "../../src/client/emitter.ts";
import { unanswered, whatToDo } from "../../src/client/reasons.ts";

test("a page of another website hears which flag lets it in", () => {
  const address = endpoint("http://models:7860", "https://art.example/page");
  assert.match(whatToDo(address, "https://art.example/page"), /serve --origins https:\/\/art\.example$/);
  assert.match(whatToDo(address, "file:///home/page.html"), /--origins '\*'$/);
  assert.equal(whatToDo(endpoint("/", "http://models:7860/"), "http://models:7860/"), "start the server");
});

test("a server that never answered is told from one that was lost", () => {
  assert.equal(unanswered("ws://models:7860/v1/realtime", false), "the server at models:7860 does not answer");
  assert.match(unanswered("ws://models:7860/v1/realtime", true), /breaks again and again/);
});

test("a listener hears until it is taken away, and one that leaves meanwhile disturbs no other", () => {
  class Bell extends Emitter<{ ring: number }> {
    ring(times: number): void {
      this.emit("ring", times);
    }
  }
  const bell = new Bell();
  const heard: string[] = [];
  const stop = bell.on("ring", (times) => {
    heard.push(`a${times}`);
    stop();
  });
  bell.on("ring", (times) => heard.push(`b${times}`));
  bell.ring(1);
  bell.ring(2);
  assert.deepEqual(heard, ["a1", "b1", "b2"]);
});
