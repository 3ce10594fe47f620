/** Final pictures: asked for, called off, kept, handed over; and why there is no use in one. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Progress } from "../../src/client/messages.ts";
import { LivedraftError } from "../../src/errors.ts";
import { Finals } from "../../src/sketch/finals.ts";
import { Settings } from "../../src/ui/settings.ts";

type Asked = { params: Record<string, unknown>; done(frame: object): void; fail(error: unknown): void };

let asked: Asked[];
let told: unknown[];
let live: Record<string, unknown>;
let result: Record<string, unknown>;
let paper: Record<string, unknown>;
let kept: Record<string, unknown>[];
let finals: Finals;
let sizes: number[];

const FRAME = { id: 7, seed: 3, stage: "final", model: "ink", params: { size: 512 }, width: 512, height: 512 };
const settle = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await new Promise((done) => setImmediate(done));
};

beforeEach(() => {
  [asked, told, kept] = [[], [], []];
  const canvas = {
    toBlob: (done: (blob: Blob) => void) => done(new Blob(["sketch"])),
    toDataURL: () => "data:image/png;base64,AQID",
  };
  live = {
    session: { model: {} },
    refinable: true,
    finisher: "ink",
    drawn: true,
    answered: (id: number) => id >= 7,
    cancel: () => told.push("cancel"),
    callOff: () => told.push("called off"),
    refine: (params: Asked["params"]) => new Promise((done, fail) => asked.push({ params, done, fail })),
  };
  paper = { canvas, drawing: { hasBase: false, operations: [] }, drawingNow: false, keepBase: async () => null };
  result = {
    frame: null,
    png: async () => (result["frame"] ? new Blob(["image"]) : null),
    pngNow: () => null,
    making: (label: string | null, cancel: () => void) => {
      result["label"] = label;
      result["cancel"] = cancel;
    },
  };
  sizes = [];
  const settings = new Settings();
  settings.choices = () => sizes;
  const history = { add: (entry: Record<string, unknown>) => kept.push(entry) };
  finals = new Finals({ paper, live, settings, result, history } as never, {
    changed: () => undefined,
    submitted: ({ id, seed }) => told.push(["submitted", id, seed]),
    failed: ({ code }) => told.push(["failed", code]),
  });
});

test("a final picture is made, kept and handed over, once it is there", async () => {
  const shot = finals.submit();
  assert.deepEqual([finals.running, result["label"]], [true, "Refining"]);
  result["frame"] = FRAME;
  asked[0]!.done(FRAME);
  assert.equal(await (await shot).image!.text(), "image");
  assert.deepEqual([finals.running, result["label"], kept.length, told], [false, null, 1, [["submitted", 7, 3]]]);
});

test("a film is played and handed over, and not kept among pictures", async () => {
  const film = { ...FRAME, model: "wan", file: new File(["film"], "film.mp4") };
  const played: unknown[] = [];
  result["play"] = (each: unknown) => played.push(each);
  const shot = finals.submit();
  asked[0]!.done(film); // of words alone: there is no picture beside it
  const { image, film: file, model } = await shot;
  assert.deepEqual([image, file, model, kept, played], [null, film.file, "wan", [], [film]]);
  assert.deepEqual(told, [["submitted", 7, 3]]);
});

test("how far one is is shown while it is made, and no longer", async () => {
  const shown: unknown[] = [];
  result["told"] = ({ step }: { step: number }, label: string) => shown.push([step, label]);
  const progress: Omit<Progress, "step" | "done"> = { type: "progress", id: 7, model: "ink", steps: 4, notes: [] };
  finals.told({ ...progress, step: 1, done: false });
  const shot = finals.submit();
  finals.told({ ...progress, step: 2, done: false });
  finals.told({ ...progress, step: 0, done: true });
  result["frame"] = FRAME;
  asked[0]!.done(FRAME);
  await shot;
  finals.told({ ...progress, step: 3, done: false });
  assert.deepEqual(shown, [[2, "Refining"]]);
});

test("one that is painted to be saved and gives way is told, unless the user called it off", async () => {
  sizes = [512, 1024];
  for (const calledOff of [false, true]) {
    const saved = finals.save();
    assert.equal(result["label"], "Painting 1024 px");
    assert.deepEqual(asked.at(-1)!.params, { size: 1024 });
    if (calledOff) (result["cancel"] as () => void)();
    asked.at(-1)!.fail(new LivedraftError({ code: "superseded", message: "newer" }));
    await saved;
  }
  assert.deepEqual(told, [["failed", "superseded"], "cancel"]);
});

test("one that is cleared while its file is written is handed to nobody", async () => {
  const shot = finals.submit();
  asked[0]!.done(FRAME); // and the result has no picture any more
  await assert.rejects(shot, { code: "superseded" });
  assert.deepEqual([kept, told], [[], []]);
});

test("why there is no use in one is said, as things stand", () => {
  assert.equal(finals.refusal, "");
  live["refinable"] = false;
  assert.match(finals.refusal, /Draw something/);
  live["session"] = { model: null };
  assert.match(finals.refusal, /no connection/);
  live["refinable"] = true;
  result["frame"] = FRAME;
  assert.match(finals.refusal, /Nothing has changed/);
  live["finisher"] = "large";
  assert.equal(finals.refusal, "", "another model would make another one");
  live["finisher"] = "ink";
  paper["drawingNow"] = true;
  assert.equal(finals.refusal, "");
});

test("nothing to refine is refused before it is asked for", async () => {
  live["refinable"] = false;
  await assert.rejects(finals.submit(), LivedraftError);
  assert.deepEqual([asked, kept], [[], []]);
});

test("a failure is kept for who asks, and the next one forgets it", async () => {
  const first = finals.submit();
  const error = new LivedraftError({ code: "engine", message: "no" });
  asked[0]!.fail(error);
  await assert.rejects(first, error);
  assert.deepEqual([finals.failure, finals.running], [error, false]);
  void finals.submit();
  assert.equal(finals.failure, null);
});

test("an older one that ends late does not end the newer", async () => {
  const first = finals.submit().catch(() => undefined);
  const second = finals.submit();
  asked[0]!.fail(new LivedraftError({ code: "superseded", message: "newer" }));
  await first;
  assert.equal(finals.running, true);
  result["frame"] = FRAME;
  asked[1]!.done(FRAME);
  await second;
  assert.equal(finals.running, false);
});

test("one of words alone is called off by newer words; one of ink goes by itself", () => {
  void finals.submit();
  finals.outdated();
  assert.deepEqual(told, []);
  live["drawn"] = false;
  finals.outdated();
  assert.deepEqual([told, finals.running], [["called off"], false]);
});

test("it is made by itself when the pen rests, where that is wanted, and not in mid-stroke", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const rest = (): number => {
    finals.rested();
    t.mock.timers.tick(700);
    return asked.length;
  };
  assert.equal(rest(), 0);
  finals.atRest = true;
  paper["drawingNow"] = true;
  assert.equal(rest(), 0);
  paper["drawingNow"] = false;
  result["frame"] = FRAME;
  assert.equal(rest(), 0, "it is a final one already");
  result["frame"] = { ...FRAME, stage: "draft" };
  finals.rested();
  t.mock.timers.tick(600);
  assert.equal(rest(), 1, "what is new puts it off");
  finals.stop();
});

test("a snapshot before this returns has the drawing, for a form that is being sent", async () => {
  const { image, sketch, mask, params } = finals.snapshotNow();
  assert.deepEqual([image, sketch.size, mask, params], [null, 3, null, {}]);
  live["masked"] = true;
  paper["mask"] = { sized: () => ({ toDataURL: () => "data:image/png;base64,AQ==" }) };
  assert.equal(finals.snapshotNow().mask?.size, 1);
  await settle();
});
