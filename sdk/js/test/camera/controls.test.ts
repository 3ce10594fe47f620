/** The camera's buttons, hints and read-out: what is offered is what the model takes and gives. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Controls } from "../../src/camera/controls.ts";
import type { CameraStats } from "../../src/camera/reading.ts";
import { reading } from "../../src/camera/reading.ts";
import { View } from "../../src/camera/view.ts";
import { HINTS, WORDS } from "../../src/camera/words.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, named, type } from "../doubles/page.ts";
import { Devices } from "../doubles/streams.ts";

installPage();
const devices = Devices.install();

function made(): { controls: Controls; root: Element; did: unknown[] } {
  const did: unknown[] = [];
  const note =
    (name: string) =>
    (...how: unknown[]): void =>
      void did.push([name, ...how]);
  const controls = new Controls({
    start: note("start"),
    stop: note("stop"),
    source: note("source"),
    device: note("device"),
    clip: note("clip"),
    mirror: note("mirror"),
    microphone: note("microphone"),
    mute: note("mute"),
  });
  return { controls, root: controls.root as unknown as Element, did };
}

test("one button starts and stops", () => {
  const { controls, root, did } = made();
  named(root, "Start").click();
  controls.shown(true);
  named(root, "Stop").click();
  assert.deepEqual(did, [["start"], ["stop"]]);
});

test("what a model does not take or give is not offered", () => {
  const { controls, root } = made();
  const shown = (): boolean[] =>
    [
      root.querySelector("[role=radiogroup]")!.parentElement!,
      named(root, "Mirror the pictures"),
      named(root, "Send the microphone's sound"),
      named(root, "Sound"),
    ].map((each) => !each.hidden);
  assert.deepEqual(shown(), [false, false, false, false]);
  controls.offer(true, false, true);
  assert.deepEqual(shown(), [true, true, false, true]);
  controls.offer(false, true, false);
  assert.deepEqual(shown(), [false, false, true, false]);
});

test("toggles ask for the other of what they show, and change when they are told", () => {
  const { controls, root, did } = made();
  controls.mirrored(true);
  controls.speaking(false);
  controls.muted(false);
  for (const name of ["Mirror the pictures", "Send the microphone's sound", "Sound"]) named(root, name).click();
  assert.deepEqual(did, [
    ["mirror", false],
    ["microphone", true],
    ["mute", true],
  ]);
});

test("a list of cameras is there where there are several, and for a camera alone", async () => {
  const { controls, root, did } = made();
  const list = root.querySelector("select")!;
  controls.offer(true, false, false);
  devices.listed = [{ kind: "videoinput", deviceId: "a", label: "Front" }];
  await controls.refresh("");
  assert.equal(list.hidden, true);
  devices.listed.push({ kind: "videoinput", deviceId: "b", label: "Back" });
  await controls.refresh("b");
  assert.deepEqual([list.hidden, list.selectedIndex], [false, 1]);
  type(list, "a", "change");
  assert.deepEqual(did, [["device", "a"]]);
  controls.source("screen");
  assert.equal(list.hidden, true);
  controls.source("camera");
  assert.equal(list.hidden, false);
});

test("no list of cameras where the model takes no pictures, nor a clip to open", async () => {
  const { controls, root } = made();
  const [list, open] = [root.querySelector("select")!, named(root, "Open a clip").parentElement!];
  devices.listed = ["a", "b"].map((deviceId) => ({ kind: "videoinput", deviceId, label: deviceId }));
  await controls.refresh("a");
  const shown = (): boolean[] => [!list.hidden, !open.hidden];
  controls.offer(true, false, false);
  assert.deepEqual(shown(), [true, false]);
  controls.source("clip");
  assert.deepEqual(shown(), [false, true]);
  controls.offer(false, false, true);
  assert.deepEqual(shown(), [false, false]);
});

test("a browser that shares no screen, as a phone's, offers none", () => {
  const kinds = (): string[] =>
    made()
      .root.querySelectorAll("[role=radio]")
      .map((each) => each.textContent);
  assert.deepEqual(kinds(), ["Camera", "Screen", "Clip"]);
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia: 1 } }, configurable: true });
  assert.deepEqual(kinds(), ["Camera", "Clip"]);
  Devices.install();
});

test("the loudness shows at the microphone, and goes when it is off", () => {
  const { controls, root } = made();
  const level = (): string => named(root, "Send the microphone's sound").style.getPropertyValue("--level");
  for (const [given, shown] of [
    [0.1, "40%"],
    [2, "100%"],
  ] as const) {
    controls.level(given);
    assert.equal(level(), shown);
  }
  controls.speaking(false);
  assert.equal(level(), "0%");
});

test("the result takes the shape of its pictures, and is empty again when it is cleared", () => {
  const painted: unknown[] = [];
  const canvas = {
    getContext: () => ({ drawImage: (...how: unknown[]) => painted.push(how), clearRect: () => undefined }),
  };
  const create = document.createElement.bind(document);
  document.createElement = ((tag: string) => Object.assign(create(tag), tag === "canvas" ? canvas : {})) as never;
  const opened: unknown[] = [];
  const view = new View(create("video"), (file) => opened.push(file));
  const root = view.root as unknown as Element;
  const result = root.querySelector(".result")!;
  assert.equal(result.hasAttribute("data-empty"), true);
  view.paint({ width: 320, height: 160, close: () => undefined });
  assert.deepEqual(
    [view.canvas.width, root.style.getPropertyValue("--aspect"), result.hasAttribute("data-empty")],
    [320, "2", false],
  );
  view.paint({ displayWidth: 90, displayHeight: 160, width: 96 } as unknown as VideoFrame);
  assert.equal(view.canvas.width, 90, "as it is shown, not as it is coded");
  view.clear();
  assert.equal(result.hasAttribute("data-empty"), true);
  view.takes(false);
  assert.deepEqual([root.hasAttribute("data-alone"), root.querySelector(".sent")!.hidden], [true, true]);
  root.dispatchEvent(new Happening("drop", { dataTransfer: { files: ["clip"] } }));
  assert.deepEqual([painted.length, opened], [2, ["clip"]]);
});

const STATS: CameraStats = {
  fps: 30,
  roundTripMs: 50,
  modelMs: 20,
  networkMs: 15,
  serverMs: 35,
  sent: 90,
  left: 1,
  late: 2,
  gaps: 0,
  offsetMs: null,
  captured: 95,
  skipped: 5,
  quality: { level: "good", limit: "" },
  rtp: null,
  glass: null,
};

test("the line at the foot names what takes the longest; without an answer it has no time to tell", () => {
  const read = reading(STATS);
  assert.deepEqual([read.rate, read.latencyMs, read.limit], [30, 50, "the model"]);
  assert.equal(reading({ ...STATS, networkMs: 40 }).limit, "the line");
  assert.equal(reading({ ...STATS, serverMs: 90 }).limit, "the server");
  const alone = reading({ ...STATS, roundTripMs: 0 });
  assert.deepEqual([alone.latency, alone.limit, alone.stages], ["", "", []]);
  const names = reading({ ...STATS, gaps: 3, offsetMs: -12.4 }).counts.map((each) => each.join(" "));
  assert.deepEqual(names, [
    "By WebSocket",
    "Quality good",
    "Left out here 5",
    "Unused there 1",
    "Late 2",
    "Gaps in sound 3",
    "Picture after sound -12 ms",
  ]);
});

test("over WebRTC it says by which way, what holds it back, and what frames' own times say", () => {
  const rtp = { roundTripMs: 9, route: "relay", lost: 0, bufferMs: 4, encodeMs: 1, decodeMs: 1, held: "" } as const;
  const quality = { level: "fair", limit: "network" } as const;
  const read = reading({ ...STATS, rtp, quality, glass: { p50: 61.4, p95: 90, count: 9 } });
  assert.deepEqual([read.latencyMs, read.latency], [61.4, " glass to glass"]);
  const [by, verdict, glass] = read.counts.map((each) => each.join(" "));
  assert.deepEqual(
    [by, verdict, glass],
    ["By WebRTC, by a relay", "Quality fair: the line", "Glass to glass, p50 / p95 61 / 90 ms"],
  );
  assert.equal(reading({ ...STATS, rtp }).latency, " on the way");
});

test("every state of a source has its words but the one in which pictures speak", () => {
  for (const state of ["idle", "asking", "stopped", "failed"] as const) assert.ok(HINTS[state] && WORDS[state], state);
  assert.equal(HINTS.live, "");
});
