/** Where moving pictures come from: asked for, stopped, taken away; a late answer never comes back. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Source } from "../../src/ui/source.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage } from "../doubles/page.ts";
import { Devices, Stream } from "../doubles/streams.ts";

installPage();
let devices = Devices.install();
const WANTED = { width: 640, height: 360, rate: 30 };
let states: string[];
let errors: string[];

function made(): { source: Source; video: Element } {
  const source = new Source({ state: (state) => states.push(state), failed: ({ code }) => errors.push(code) });
  const video = source.video as unknown as Element;
  Object.assign(video, { play: async () => undefined, pause: () => undefined, load: () => undefined });
  return { source, video };
}

beforeEach(() => {
  devices = Devices.install();
  [states, errors] = [[], []];
});

test("it is live once frames come, and lets the device go when it is stopped", async () => {
  const stream = new Stream();
  devices.answer = async () => stream;
  const { source, video } = made();
  source.stop();
  assert.deepEqual(states, [], "nothing was there to stop");
  await source.start(WANTED);
  assert.equal(video["srcObject"], stream);
  source.stop();
  assert.deepEqual(states, ["asking", "live", "stopped"]);
  assert.deepEqual([video["srcObject"], stream.tracks[0]!.stopped], [null, true]);
});

test("the camera that was chosen is asked for, and never for a screen", async () => {
  const { source } = made();
  source.deviceId = "front";
  await source.start(WANTED);
  source.kind = "screen";
  await source.start(WANTED);
  const [camera, screen] = devices.asked as { video: Record<string, unknown>; screen?: boolean }[];
  assert.deepEqual(camera!.video["deviceId"], { exact: "front" });
  assert.deepEqual([screen!.screen, screen!.video["deviceId"]], [true, undefined]);
});

test("a camera that was chosen and is gone gives way to any; one that is refused does not", async () => {
  const { source } = made();
  source.deviceId = "gone";
  const fail = (name: string) => Promise.reject(Object.assign(new Error(), { name }));
  devices.answer = () => (devices.asked.length === 1 ? fail("OverconstrainedError") : Promise.resolve(new Stream("b")));
  await source.start(WANTED);
  assert.deepEqual([states.at(-1), source.deviceId, source.usedId, errors], ["live", "", "b", []]);
  source.deviceId = "mine";
  devices.answer = () => fail("NotAllowedError");
  await source.start(WANTED);
  assert.deepEqual([states.at(-1), source.deviceId, source.usedId, devices.asked.length], ["failed", "mine", "", 3]);
});

test("a refusal is told, and the next start may succeed", async () => {
  devices.answer = () => Promise.reject(Object.assign(new Error(), { name: "NotAllowedError" }));
  const { source } = made();
  await source.start(WANTED);
  assert.deepEqual([states, errors], [["asking", "failed"], ["media_denied"]]);
  devices.answer = async () => new Stream();
  await source.start(WANTED);
  assert.equal(states.at(-1), "live");
});

test("an answer that comes after Stop, or after another start, closes what it brings", async () => {
  const waiting: ((stream: Stream) => void)[] = [];
  devices.answer = () => new Promise((resolve) => waiting.push(resolve));
  const { source, video } = made();
  const [first, second] = [new Stream(), new Stream()];
  const starts = [source.start(WANTED), source.start(WANTED)];
  waiting[1]!(second);
  waiting[0]!(first);
  await Promise.all(starts);
  assert.deepEqual([first.tracks[0]!.stopped, video["srcObject"]], [true, second]);
  const late = source.start(WANTED);
  source.stop();
  const third = new Stream();
  waiting[2]!(third);
  await late;
  assert.deepEqual([third.tracks[0]!.stopped, states.at(-1)], [true, "stopped"]);
});

test("a device that is pulled out in mid-stream is told once; one of before says nothing", async () => {
  const streams: Stream[] = [];
  devices.answer = async () => streams[streams.push(new Stream()) - 1]!;
  const { source } = made();
  await source.start(WANTED);
  await source.start(WANTED);
  streams[0]!.tracks[0]!.dispatchEvent(new Happening("ended"));
  assert.equal(states.at(-1), "live");
  streams[1]!.tracks[0]!.dispatchEvent(new Happening("ended"));
  assert.deepEqual([states.at(-1), errors], ["failed", ["media_ended"]]);
});

test("a clip is a source once there is one", async (t) => {
  t.mock.method(URL, "createObjectURL", () => "blob:clip");
  const { source, video } = made();
  assert.equal(source.hasClip, false);
  source.take(new Blob());
  assert.deepEqual([source.kind, source.hasClip], ["clip", true]);
  const playing = source.start(WANTED);
  (video["onloadeddata"] as () => void)();
  await playing;
  assert.equal(states.at(-1), "live");
});
