/** The drawing's way to a session: ink and params go up while anything is drawn; what was called off is forgotten. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Live, takesDrawings } from "../../src/sketch/live.ts";
import { Settings } from "../../src/ui/settings.ts";

type Listener = (event: unknown) => void;

/** A test double of a session, which remembers what it was asked for. */
class Session {
  did: unknown[] = [];
  state = "open";
  lastId = 0;
  allSent = true;
  model: object | null = { inputs: [{ name: "sketch", width: 64, height: 64, alpha: true, required: true }] };
  readonly heard = new Map<string, Listener>();
  on(name: string, listener: Listener): void {
    this.heard.set(name, listener);
  }
  set = (params: object): unknown => this.did.push(["set", params]);
  send = (inputs: object): unknown => this.did.push(["send", inputs]);
  cancel = (): unknown => this.did.push("cancel");
  pause = (): unknown => this.did.push("pause");
  resume = (): unknown => this.did.push("resume");
  finish = async (params: object): Promise<unknown> => this.did.push(["refine", params]);
}

let session: Session;
let paper: {
  drawing: { empty: boolean };
  drawingNow: boolean;
  inking: boolean;
  masked: boolean;
  mask: { sized(size: { width: number; height: number }): object };
  wire: string;
  render(size: number): object;
  sized(width: number, height: number): object;
};
let frames: number[];
let settings: Settings;
let live: Live;

beforeEach(() => {
  session = new Session();
  frames = [];
  settings = new Settings();
  settings.choose({ prompt: "fox", seed: 5 });
  paper = {
    drawing: { empty: true },
    drawingNow: false,
    inking: false,
    masked: false,
    mask: { sized: ({ width }) => ({ mask: width, toBlob: (done: (blob: Blob) => void) => done(new Blob(["mask"])) }) },
    wire: "ink",
    sized: (width, height) => ({
      toBlob: (done: (blob: Blob) => void) => done(new Blob([`${width} ${height}`])),
    }),
    render: (width) => ({ width, height: width, toBlob: (done: (blob: Blob) => void) => done(new Blob(["large"])) }),
  };
  const panel = { session: null as Session | null, settings, connect: () => (panel.session = session) };
  live = new Live(paper as never, panel as never, {
    frame: ({ id }) => frames.push(id),
    shown: () => undefined,
    stats: () => undefined,
    progress: () => undefined,
  });
  live.start({ url: "", model: "", token: "" });
});

const draw = (): void => {
  paper.drawing.empty = false;
  live.draw(1);
};

test("an empty paper asks for nothing; the first ink takes the params along, once", () => {
  live.set({ seed: 6 });
  assert.deepEqual(session.did, []);
  draw();
  draw();
  assert.deepEqual(session.did, [
    ["set", { prompt: "fox", seed: 5 }],
    ["send", { sketch: "ink" }],
    ["send", { sketch: "ink" }],
  ]);
  live.set({ seed: 6 });
  live.set({});
  assert.deepEqual(session.did.slice(3), [["set", { seed: 6 }]]);
});

test("a cleared paper takes the picture back, and drafts of before are not shown", () => {
  draw();
  session.lastId = 4;
  paper.drawing.empty = true;
  live.draw(null);
  assert.deepEqual(session.did.slice(2), ["cancel", ["send", { sketch: null }]]);
  const frame = session.heard.get("frame")!;
  frame({ id: 4, stage: "final" });
  frame({ id: 5, stage: "draft" });
  frame({ id: 5, stage: "final" });
  assert.deepEqual(frames, [5]);
  assert.deepEqual(
    [live.concerns({ id: 4 } as never), live.concerns({ id: null } as never), live.concerns({ id: 5 } as never)],
    [false, true, true],
  );
});

test("a new session hears of everything anew, if anything is drawn", () => {
  live.opened();
  assert.deepEqual(session.did, []);
  draw();
  session.did = [];
  live.opened();
  assert.deepEqual(session.did, [
    ["set", { prompt: "fox", seed: 5 }],
    ["send", { sketch: "ink" }],
  ]);
});

test("another model gets the drawing as it reads it, and what it did not take over", async () => {
  assert.deepEqual(await live.pictures(session.model as never), {}, "nothing is drawn");
  live.switched({ params: {} } as never);
  assert.deepEqual(session.did, []);
  draw();
  const model = { inputs: [{ name: "page", width: 128, height: 96, alpha: true }] };
  assert.deepEqual(await live.pictures({ inputs: [] } as never), {});
  const { page } = await live.pictures(model as never);
  assert.equal(new TextDecoder().decode(page), "128 96");
  session.did = [];
  session.model = model;
  live.switched({ params: { prompt: "fox", seed: 42 } } as never);
  live.draw(2);
  assert.deepEqual(session.did, [
    ["set", { seed: 5 }],
    ["send", { page: "ink" }],
  ]);
  await live.pictures(model as never);
  session.did = [];
  live.draw(3); // on the way
  live.switched({ params: { prompt: "fox", seed: 5 } } as never);
  assert.deepEqual(session.did, [
    ["send", { page: "ink" }],
    ["set", {}],
    ["send", { page: "ink" }],
  ]);
});

test("a final picture larger than the model's input has the drawing as large; one of before does not come late", async () => {
  draw();
  session.did = [];
  await live.refine();
  assert.deepEqual(session.did, [["refine", {}]]);
  await live.refine({ size: 1024 });
  const [, sent, refined] = session.did as [unknown, [string, { sketch: Blob }], unknown];
  assert.equal(await sent[1].sketch.text(), "large");
  assert.deepEqual(refined, ["refine", { size: 1024 }]);
  const late = live.refine({ size: 1024 });
  live.draw(2);
  await assert.rejects(late, { code: "superseded" });
});

const MASKED = {
  inputs: [
    { name: "sketch", width: 64, height: 64, alpha: true, required: false },
    { name: "mask", width: 32, height: 32, alpha: false, required: false },
  ],
};

test("a mask goes alone where it alone changed, with the drawing where that is new, and is taken away", () => {
  session.model = MASKED;
  paper.masked = true;
  live.draw(1, "mask");
  assert.deepEqual(session.did, [], "of no picture there is none, and one of words alone stays");
  draw();
  live.draw(2, "mask");
  live.draw(3, "ink");
  paper.masked = false;
  live.draw(4);
  live.draw(5);
  const sent = session.did.slice(1).map((each) => (each as [string, Record<string, { mask?: number }>])[1]);
  assert.deepEqual(
    sent.map(({ sketch, mask }) => [sketch ?? "", mask === null ? null : (mask?.mask ?? "")]),
    [
      ["ink", 32],
      ["", 32],
      ["ink", ""],
      ["ink", null],
      ["ink", ""],
    ],
  );
  paper.masked = true;
  live.draw(6);
  paper.drawing.empty = true;
  live.draw(7);
  assert.deepEqual(session.did.at(-1), ["send", { sketch: null, mask: null }]);
});

test("a model that takes no mask hears of none; the next one that does has it at once", async () => {
  paper.masked = true;
  draw();
  assert.deepEqual(session.did.at(-1), ["send", { sketch: "ink" }]);
  const before = session.did.length;
  live.draw(1, "mask");
  assert.equal(session.did.length, before);
  assert.equal(live.masked, false);
  const { mask } = await live.pictures(MASKED as never);
  assert.equal(new TextDecoder().decode(mask), "mask");
  session.model = MASKED;
  live.switched({ params: {} } as never);
  assert.equal(live.masked, true);
  paper.masked = false;
  live.draw(1);
  assert.deepEqual(session.did.at(-1), ["send", { sketch: "ink", mask: null }]);
});

test("what a mask leaves of a picture goes without loss to the final one, and as large", async () => {
  session.model = MASKED;
  paper.masked = true;
  draw();
  session.did = [];
  await live.refine();
  const [[, sent], refined] = session.did as [[string, { sketch: Blob; mask: Blob }], unknown];
  assert.deepEqual([await sent.sketch.text(), await sent.mask.text()], ["large", "mask"]);
  assert.deepEqual(refined, ["refine", {}]);
});

test("words alone can be refined where the model needs no drawing, while a session is open", () => {
  assert.equal(live.refinable, false);
  session.model = { inputs: [{ name: "sketch", required: false }] };
  assert.equal(live.refinable, true);
  session.state = "closed";
  assert.equal(live.refinable, false);
});

test("a picture is of all that stands once everything went and nothing newer did", () => {
  session.lastId = 3;
  assert.deepEqual([live.answered(2), live.answered(3)], [false, true]);
  session.allSent = false;
  assert.equal(live.answered(3), false);
});

test("out of sight nothing is sent, in the next session neither", () => {
  live.setVisible(false);
  live.start({ url: "", model: "", token: "" });
  live.setVisible(true);
  assert.deepEqual(session.did, ["pause", "pause", "resume"]);
});

test("a mask is no drawing: what takes it alone takes none, whatever a provider calls it", () => {
  const model = (...names: string[]): never => ({ inputs: names.map((name) => ({ name })) }) as never;
  assert.deepEqual(
    [model("mask"), model("mask_image_url"), model("mask_url", "image_url"), model("masked")].map(takesDrawings),
    [false, false, true, true],
  );
});

test("a model of drawings takes pictures and makes them", () => {
  const model = (inputs: object[], outputs?: object[]): boolean => takesDrawings({ inputs, outputs } as never);
  assert.equal(model([{ name: "sketch" }]), true);
  assert.equal(model([{ kind: "image" }], [{ kind: "video" }]), false);
  assert.equal(model([{ kind: "video" }], [{ kind: "image" }]), false);
});
