/** A photo's and a garment's way to a session: what goes up and when, what is of no use any more, and what is forgotten. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Photo } from "../../src/tryon/photo.ts";
import type { Garment } from "../../src/tryon/shop/garments.ts";
import { NOTHING } from "../../src/tryon/shop/outfit.ts";
import { Wearing } from "../../src/tryon/wearing.ts";
import { Settings } from "../../src/ui/settings.ts";
import { Bitmap, Canvas } from "../doubles/canvas.ts";
import { installPage } from "../doubles/page.ts";

installPage();
Canvas.install();

type Told = Record<string, unknown>;

/** A test double of a session, which remembers what it was asked for. */
class Session {
  did: [string, unknown?][] = [];
  state = "open";
  lastId = 0;
  allSent = true;
  heard: ((frame: unknown) => void) | null = null;
  refining = { resolve: (): void => undefined, reject: (_: unknown): void => undefined };
  on = (_: string, listener: (frame: unknown) => void): unknown => (this.heard = listener);
  set = (params: unknown): unknown => this.did.push(["set", params]);
  send = (inputs: Told): unknown => this.did.push(["send", sizes(inputs)]);
  cancel = (): unknown => this.did.push(["cancel"]);
  refine = (): Promise<void> => {
    this.did.push(["refine"]);
    return new Promise((resolve, reject) => (this.refining = { resolve, reject }));
  };
  get sent(): unknown[] {
    return this.did.filter(([name]) => name === "send").map(([, inputs]) => inputs);
  }
}

/** Return what was sent as text: the double of a canvas writes its size. */
function sizes(inputs: Told): Told {
  const text = (source: unknown): unknown => (source instanceof Uint8Array ? new TextDecoder().decode(source) : source);
  return Object.fromEntries(Object.entries(inputs).map(([name, source]) => [name, text(source)]));
}

const garment = (sku: string, category: Garment["category"] = "upper"): Garment => {
  const png = Buffer.from(`\x89PNG\r\n\x1a\n${sku}`, "latin1").toString("base64");
  return { sku, image: `data:image/png;base64,${png}`, title: sku, category, url: "", price: "" };
};
const TEE = garment("tee");
const JEANS = garment("jeans", "lower");

let session: Session | null;
let settings: Settings;
let wearing: Wearing;
let frames: unknown[];
let late: number;
let failures: string[];
let panel: { settings: Settings; params: object; session: Session | null };

beforeEach(() => {
  [session, frames, late, failures] = [null, [], 0, []];
  settings = new Settings();
  Object.assign(globalThis, { createImageBitmap: async () => new Bitmap(768, 768) });
  panel = {
    settings,
    params: {
      choose: (params: Told) => {
        settings.choose(params);
        session?.set(params);
      },
    },
    get session() {
      return session;
    },
  } as never;
  const live = { start: () => (session = new Session()), stop: () => (session = null) };
  wearing = new Wearing(panel as never, live as never, {
    frame: (frame) => frames.push(frame),
    changed: () => undefined,
    late: () => (late += 1),
    failed: ({ code }) => failures.push(code),
  });
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const photo = (width = 3000, height = 4000): Photo => new Photo(new Bitmap(width, height) as never);
const latin = String;

test("a session begins with the first photo, which goes up small", async () => {
  wearing.at({ url: "http://localhost/", model: "tryon", token: "" });
  await wearing.wear({ upper: TEE, lower: null });
  assert.equal(session, null, "nobody takes a place by looking");
  await wearing.take(photo());
  await settled();
  const sent = Object.assign({}, ...(session!.sent as Told[]));
  assert.equal(sent["person"], "384x512");
  assert.match(latin(sent["garment"]), /tee$/);
  assert.ok(wearing.busy);
  assert.deepEqual(settings.all, { view: "layer", category: "upper", points: {}, joints: {}, subject: null });
});

test("a garment that is put on while the photo is read for a new session takes nothing of it away", async () => {
  wearing.at({ url: "http://localhost/", model: "tryon", token: "" });
  const taken = wearing.take(photo());
  const worn = wearing.wear({ upper: TEE, lower: null });
  await Promise.all([taken, worn]);
  await settled();
  const sent = Object.assign({}, ...(session!.sent as Told[]));
  assert.deepEqual(Object.keys(sent).sort(), ["garment", "lower", "person"]);
});

/** Return a session with this worn. */
async function worn(): Promise<Session> {
  wearing.at({ url: "http://localhost/", model: "tryon", token: "" });
  await wearing.take(photo());
  await wearing.wear({ upper: TEE, lower: JEANS });
  await settled();
  return session!;
}

test("two garments go up by their places, one alone is the garment, and none takes both away", async () => {
  const { sent } = await worn();
  const both = sent.at(-1) as Told;
  assert.match(latin(both["garment"]), /tee$/);
  assert.match(latin(both["lower"]), /jeans$/);
  await wearing.wear({ upper: null, lower: JEANS });
  const alone = session!.sent.at(-1) as Told;
  assert.match(latin(alone["garment"]), /jeans$/);
  assert.equal(alone["lower"], null);
  assert.equal(settings.all["category"], "lower");
  await wearing.wear(NOTHING);
  assert.deepEqual(session!.sent.at(-1), { garment: null, lower: null });
  assert.equal(wearing.busy, false, "there is nothing to wait for");
});

test("a picture of before another photo or garment is not shown", async () => {
  const open = await worn();
  open.lastId = 4;
  open.heard!({ id: 4 });
  assert.deepEqual([frames.length, wearing.busy], [1, false]);
  await wearing.take(photo());
  open.heard!({ id: 4 });
  assert.equal(frames.length, 1);
  assert.deepEqual([wearing.concerns(4), wearing.concerns(5), wearing.concerns(null)], [false, true, true]);
  open.lastId = 6;
  open.heard!({ id: 5 });
  assert.deepEqual([frames.length, wearing.busy], [2, true], "a newer one is on its way");
});

test("a garment whose picture comes late is not put on over a newer one", async () => {
  const open = await worn();
  const first = wearing.wear({ upper: garment("a"), lower: null });
  const second = wearing.wear({ upper: garment("b"), lower: null });
  await Promise.all([first, second]);
  const garments = (open.sent as Told[]).map((each) => latin(each["garment"]));
  assert.equal(garments.filter((each) => each.endsWith("a")).length, 0);
  assert.ok(garments.at(-1)!.endsWith("b"));
});

test("a garment without a picture is told, and asked for again", async () => {
  await worn();
  const torn = { ...TEE, sku: "torn", image: "http://shop.test/torn.png" };
  let asked = 0;
  Object.assign(globalThis, { fetch: async () => (asked += 1) && { ok: false, status: 404, statusText: "gone" } });
  await assert.rejects(wearing.wear({ upper: torn, lower: null }), { code: "invalid_image" });
  await assert.rejects(wearing.wear({ upper: torn, lower: null }), { code: "invalid_image" });
  assert.equal(asked, 2);
});

test("a garment without a picture, chosen before there is a photo, is told again with the photo", async () => {
  Object.assign(globalThis, { fetch: async () => ({ ok: false, status: 404, statusText: "gone" }) });
  wearing.at({} as never);
  await assert.rejects(wearing.wear({ upper: { ...TEE, image: "http://shop.test/torn.png" }, lower: JEANS }));
  await wearing.take(photo());
  await settled();
  assert.deepEqual(failures, ["invalid_image"]);
});

test("a garment whose picture fails while the session opens is told by who put it on, alone", async () => {
  let fail = (): void => undefined;
  const answer = new Promise((resolve) => (fail = () => resolve({ ok: false, status: 404, statusText: "gone" })));
  Object.assign(globalThis, { fetch: () => answer });
  wearing.at({} as never);
  const putOn = wearing.wear({ upper: { ...TEE, image: "http://shop.test/torn.png" }, lower: null });
  await wearing.take(photo());
  fail();
  await assert.rejects(putOn);
  await settled();
  assert.deepEqual(failures, []);
});

test("few pictures of garments are kept", async () => {
  await worn();
  for (let i = 0; i < 20; i++) await wearing.wear({ upper: garment(`g${i}`), lower: null });
  assert.equal(session!.sent.length > 20, true);
});

test("the final picture is made of the photo at full size, and can be called off", async () => {
  const open = await worn();
  const finished = wearing.finish();
  await settled();
  assert.ok(wearing.finishing);
  assert.deepEqual(open.did.slice(-2), [["send", { person: "1536x2048" }], ["refine"]]);
  wearing.cancel();
  assert.deepEqual(open.did.at(-1), ["cancel"]);
  open.refining.reject(new Error("superseded"));
  await assert.rejects(finished);
  assert.equal(wearing.busy, false);
  wearing.forget();
  await wearing.finish();
});

test("params, a mask by hand and failures say whether a picture is awaited", async () => {
  const open = await worn();
  wearing.failed();
  wearing.set({ fit: 0.5 });
  assert.deepEqual([open.did.at(-1), wearing.busy], [["set", { fit: 0.5 }], true]);
  wearing.failed();
  assert.equal(wearing.busy, false);
  const mask = new Blob(["mask"]);
  wearing.mask(mask);
  assert.deepEqual(open.sent.at(-1), { mask });
});

test("where no picture comes for long, that is said once", async () => {
  await worn();
  mock.timers.enable({ apis: ["setTimeout"] });
  wearing.set({ fit: 0 });
  mock.timers.tick(60_000);
  mock.timers.reset();
  assert.deepEqual([late, wearing.busy], [1, false]);
});

test("forgetting ends the session, closes the photo, and leaves nothing of its body", async () => {
  await worn();
  const kept = new Bitmap();
  await wearing.take(new Photo(kept as never));
  wearing.set({ joints: { nose: [0.5, 0.1] }, subject: [0.5, 0.5] });
  wearing.forget();
  assert.deepEqual([session, wearing.photo, kept.closed, wearing.busy], [null, null, true, false]);
  assert.deepEqual([settings.all["joints"], settings.all["subject"]], [{}, null]);
});

test("another server hears of all that there is; one that is not needed yet of nothing", async () => {
  const before = await worn();
  wearing.at({ url: "http://other.test/", model: "tryon", token: "" });
  await settled();
  assert.notEqual(session, before);
  const sent = Object.assign({}, ...(session!.sent as Told[]));
  assert.deepEqual(Object.keys(sent).sort(), ["garment", "lower", "person"]);
  session!.state = "closed";
  wearing.join();
  assert.equal(session!.state, "open", "a new one");
});
