/** What an element tells: notices and what to do about them, and the line at the foot. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import { Notice } from "../../src/ui/notice.ts";
import type { Reading } from "../../src/ui/readout.ts";
import { Readout } from "../../src/ui/readout.ts";
import type { Element } from "../doubles/dom.ts";
import { installPage, named } from "../doubles/page.ts";

installPage();

function notice(): { notice: Notice; root: Element; retried: number[] } {
  const retried: number[] = [];
  const notice = new Notice(() => retried.push(1));
  return { notice, root: notice.root as unknown as Element, retried };
}

const error = new LivedraftError({ code: "engine", message: "the model failed", fix: "draw on", id: 5 });

test("an error is a sentence, and what to do about it another", () => {
  const { notice: it, root, retried } = notice();
  assert.equal(root.hidden, true);
  it.show(error, true);
  assert.equal(root.querySelector("p")!.textContent, "The model failed. Draw on.");
  named(root, "Try again").click();
  assert.deepEqual(retried, [1]);
  it.show(new LivedraftError({ code: "x", message: "Really?" }), false, true);
  assert.equal(root.querySelector("p")!.textContent, "Really?");
  assert.equal(named(root, "Try again").hidden, true);
  assert.equal(root.hasAttribute("data-calm"), true);
  it.offerRetry();
  assert.equal(named(root, "Try again").hidden, false);
  named(root, "Dismiss").click();
  assert.equal(root.hidden, true);
});

test("it goes by what it is about: its code, its error, or a newer answer", () => {
  const { notice: it, root } = notice();
  const goes = (act: () => void): boolean => {
    it.show(error, false);
    act();
    return root.hidden;
  };
  assert.equal(
    goes(() => it.hide(["other"])),
    false,
  );
  assert.equal(
    goes(() => it.hide(["engine"])),
    true,
  );
  assert.equal(
    goes(() => it.forget(new Error("another"))),
    false,
  );
  assert.equal(
    goes(() => it.forget(error)),
    true,
  );
  assert.equal(
    goes(() => it.answered(5)),
    false,
  );
  assert.equal(
    goes(() => it.answered(6)),
    true,
  );
  assert.equal(
    goes(() => it.forget(null)),
    false,
  );
});

test("an offer is no error: it is taken once, and no answer takes it away", () => {
  const { notice: it, root } = notice();
  let taken = 0;
  it.offer("There is another drawing.", "Show it", () => (taken += 1));
  it.answered(Infinity);
  it.offerRetry();
  assert.equal(root.hidden, false);
  named(root, "Show it").click();
  assert.deepEqual([taken, root.hidden], [1, true]);
});

const READING: Reading = {
  rate: 24,
  latencyMs: 8.26,
  latency: " pen to picture",
  limit: "the model",
  stages: [
    ["encode", "Encode", 2],
    ["model", "Model", 6],
  ],
  counts: [["Superseded drafts", "3"]],
};

function readout(): { readout: Readout; root: Element } {
  const made = new Readout({ idle: "Resting" });
  return { readout: made, root: made.root as unknown as Element };
}

test("the state is shown and said once, by the element's own words where it has some", () => {
  const { readout: it, root } = readout();
  const [pill, said] = [root.querySelector(".pill")!, root.querySelector("[role=status]")!];
  for (const [args, text] of [
    [["connecting"], "Connecting"],
    [["queued", 3], "Place 3 in the queue"],
    [["queued", 0], "Waiting for a place"],
    [["open"], "Live"],
    [["open", 0, "Ready"], "Ready"],
    [["idle"], "Resting"],
  ] as [Parameters<Readout["state"]>, string][]) {
    it.state(...args);
    assert.deepEqual([pill.textContent, said.textContent], [text, text]);
    assert.equal(pill.dataset["state"], args[0]);
  }
});

test("a line can be read before the next takes its place", () => {
  const { readout: it, root } = readout();
  const line = root.querySelector(".line")!;
  it.state("open");
  assert.equal(line.hidden, true);
  it.read({ ...READING, latencyMs: 0 }, 0); // not known yet
  assert.equal(line.hidden, true);
  it.read(READING, 0);
  assert.equal(line.textContent, "24 fps · 8.3 ms pen to picture · limited by the model");
  it.read({ ...READING, rate: 60 }, 499);
  assert.match(line.textContent, /^24/);
  it.read({ ...READING, rate: 60, latencyMs: 12.6, limit: "" }, 500);
  assert.equal(line.textContent, "60 fps · 13 ms pen to picture");
  it.state("reconnecting");
  assert.equal(line.hidden, true);
  it.state("open");
  assert.equal(line.hidden, false);
});

test("a press opens the stages, by their share of the time; what flows no more takes all away", () => {
  const { readout: it, root } = readout();
  const [line, stages] = [root.querySelector(".line")!, root.querySelector(".stages")!];
  it.state("open");
  it.read(READING, 0);
  line.click();
  assert.equal(line.getAttribute("aria-expanded"), "true");
  const shares = stages.querySelectorAll(".bar").map((each) => Number(each.style.getPropertyValue("flex-grow")));
  assert.deepEqual(shares, [0.25, 0.75]);
  assert.deepEqual(
    stages.querySelectorAll("li").map((each) => each.textContent),
    ["Encode 2.0 ms", "Model 6.0 ms", "Superseded drafts 3"],
  );
  it.clear();
  assert.deepEqual([line.hidden, stages.hidden], [true, true]);
  it.read(READING, 1); // at once, not after the line's time
  assert.equal(line.hidden, false);
});

test("how far a model is stands in words and as a bar, and goes with the next state", () => {
  const { readout: it, root } = readout();
  const bar = root.querySelector("[role=progressbar]") as Element;
  const live = root.querySelector("[aria-live]") as Element;
  assert.equal(bar.hasAttribute("hidden"), true);
  const told = { type: "loading", model: "sd-turbo", title: "SD-Turbo", unit: "bytes" } as const;
  it.loading({ ...told, state: "loading", done: 2, total: 5, message: "Loading SD-Turbo, 40 %" });
  assert.equal(root.querySelector(".pill")?.textContent, "Loading SD-Turbo, 40 %");
  assert.deepEqual(
    ["aria-valuenow", "aria-valuetext"].map((name) => bar.getAttribute(name)),
    ["40", "Loading SD-Turbo, 40 %"],
  );
  assert.equal(bar.hasAttribute("hidden"), false);
  assert.equal(live.textContent, "Loading SD-Turbo");
  it.loading({ ...told, state: "warming", done: 0, total: 0, message: "Warming up SD-Turbo" });
  assert.equal(bar.getAttribute("aria-valuenow"), null);
  assert.equal(bar.hasAttribute("data-unknown"), true);
  assert.equal(live.textContent, "Warming up SD-Turbo");
  it.state("open");
  assert.equal(bar.hasAttribute("hidden"), true);
});
