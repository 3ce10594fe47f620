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
  refine = async (params: object): Promise<unknown> => this.did.push(["refine", params]);
}

let session: Session;
let paper: {
  drawing: { empty: boolean };
  drawingNow: boolean;
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
    wire: "ink",
    sized: (width, height) => ({
      toBlob: (done: (blob: Blob) => void) => done(new Blob([`${width} ${height}`])),
    }),
    render: () => ({ toBlob: (done: (blob: Blob) => void) => done(new Blob(["large"])) }),
  };
  const panel = { session: null as Session | null, settings, connect: () => (panel.session = session) };
  live = new Live(paper as never, panel as never, {
    frame: ({ id }) => frames.push(id),
    shown: () => undefined,
    stats: () => undefined,
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

test("a model of drawings takes pictures and makes them", () => {
  const model = (inputs: object[], outputs?: object[]): boolean => takesDrawings({ inputs, outputs } as never);
  assert.equal(model([{ name: "sketch" }]), true);
  assert.equal(model([{ kind: "image" }], [{ kind: "video" }]), false);
  assert.equal(model([{ kind: "video" }], [{ kind: "image" }]), false);
});
