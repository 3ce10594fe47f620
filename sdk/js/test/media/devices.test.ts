/** Devices are asked for as they are wanted, and each way not to have one is told in plain words. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { LivedraftError } from "../../src/errors.ts";
import { cameras, close, onEnded, openMicrophone, openPictures, playClip } from "../../src/media/devices.ts";
import { ended, refusal } from "../../src/media/refusals.ts";
import { Happening } from "../doubles/dom.ts";
import { Devices, Stream } from "../doubles/streams.ts";

let devices = Devices.install();
beforeEach(() => {
  devices = Devices.install();
});

const WANTED = { width: 1280, height: 720, rate: 30 };

test("a camera is asked for by size and rate, the one that was chosen by its id", async () => {
  await openPictures("camera", WANTED);
  await openPictures("camera", { ...WANTED, rate: 60, deviceId: "b" });
  const [any, chosen] = devices.asked.map(({ video }) => video as Record<string, unknown>);
  assert.deepEqual([any!["width"], any!["facingMode"]], [{ ideal: 1280 }, "user"]);
  assert.deepEqual([chosen!["deviceId"], chosen!["frameRate"]], [{ exact: "b" }, { ideal: 60, max: 60 }]);
  assert.ok(!("facingMode" in chosen!), "it may be the other one");
});

test("a screen is asked for without sound, a microphone without pictures", async () => {
  await openPictures("screen", WANTED);
  await openMicrophone();
  assert.deepEqual(
    devices.asked.map(({ screen, audio, video }) => [screen, typeof audio, typeof video]),
    [
      [true, "boolean", "object"],
      [undefined, "object", "boolean"],
    ],
  );
});

for (const [name, code] of [
  ["NotAllowedError", "media_denied"],
  ["SecurityError", "media_denied"],
  ["NotFoundError", "media_missing"],
  ["OverconstrainedError", "media_missing"],
  ["NotReadableError", "media_busy"],
  ["AbortError", "media_busy"],
  ["TypeError", "media_failed"],
] as const)
  test(`${name} is ${code}, can be tried again, and says how, for each device`, async () => {
    devices.answer = () => Promise.reject(Object.assign(new Error("why"), { name }));
    for (const ask of [() => openPictures("camera", WANTED), () => openPictures("screen", WANTED), openMicrophone])
      await assert.rejects(ask(), (error: LivedraftError) => {
        assert.deepEqual([error.code, error.retryable], [code, true]);
        assert.ok(error.fix && error.message);
        return true;
      });
  });

test("a page that is not secure, and a browser without devices, are told before anything is asked", async () => {
  const insecure = (error: LivedraftError): boolean =>
    error.code === "media_insecure" && /https/.test(error.fix) && !error.retryable;
  Object.assign(globalThis, { isSecureContext: false });
  await assert.rejects(openMicrophone(), insecure);
  Object.assign(globalThis, { isSecureContext: true });
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  await assert.rejects(openPictures("screen", WANTED), { code: "media_unsupported" });
  assert.deepEqual(await cameras(), []);
  assert.deepEqual(devices.asked, []);
});

test("what is already told stays as it is; what is no error is told by its words", () => {
  const known = ended("camera");
  assert.equal(refusal(known, "camera"), known);
  assert.match(refusal("odd", "clip").message, /this clip failed: odd/);
  assert.notEqual(ended("screen").fix, known.fix);
});

test("cameras have names, by number where the browser tells none; others are no cameras", async () => {
  devices.listed = [
    { kind: "videoinput", deviceId: "a", label: "Front" },
    { kind: "audioinput", deviceId: "m", label: "Microphone" },
    { kind: "videoinput", deviceId: "b", label: "" },
    { kind: "videoinput", deviceId: "", label: "" }, // before permission
  ];
  assert.deepEqual(await cameras(), [
    { id: "a", name: "Front" },
    { id: "b", name: "Camera 2" },
  ]);
});

test("a device that goes away is heard of; one that is closed goes quietly", () => {
  const stream = new Stream();
  let gone = 0;
  onEnded(stream as never, () => (gone += 1));
  stream.tracks[0]!.dispatchEvent(new Happening("ended"));
  assert.equal(gone, 1);
  close(stream as never);
  close(null);
  assert.deepEqual([gone, stream.tracks[0]!.stopped], [1, true]);
});

test("a clip plays over and over from an address that is freed, whether it can be played or not", async (t) => {
  const freed = t.mock.method(URL, "revokeObjectURL", () => undefined);
  t.mock.method(URL, "createObjectURL", () => "blob:clip");
  const video = {
    videoWidth: 640,
    starts: 0,
    play: async () => void (video.starts += 1),
  } as unknown as HTMLVideoElement & {
    starts: number;
  };
  const good = playClip(video, new Blob());
  assert.deepEqual([video.src, video.loop], ["blob:clip", true]);
  video.onloadeddata?.({} as Event);
  await good;
  Object.assign(video, { videoWidth: 0 });
  const heard = playClip(video, new Blob()); // of sound alone
  video.onloadeddata?.({} as Event);
  await assert.rejects(heard, { message: "this clip has no pictures" });
  const bad = playClip(video, new Blob());
  (video.onerror as () => void)();
  await assert.rejects(bad, { code: "media_unsupported" });
  assert.deepEqual([video.starts, freed.mock.callCount(), video.onerror], [1, 3, null]);
});
