/** The head's controls, as a person uses them: typed, chosen, agreed to, held, and recorded. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LivedraftError } from "../../src/errors.ts";
import { Composer } from "../../src/head/composer.ts";
import { Controls } from "../../src/head/controls.ts";
import { Manner } from "../../src/head/manner.ts";
import { Consent } from "../../src/head/portrait/consent.ts";
import { Faces } from "../../src/head/portrait/faces.ts";
import { Looks } from "../../src/head/portrait/looks.ts";
import { missingOf, noticeOf, stateOf, toldOf } from "../../src/head/telling.ts";
import { Mic } from "../../src/head/voice/mic.ts";
import { Waking } from "../../src/head/waking.ts";
import { en } from "../../src/head/words/en.ts";
import { tableOf } from "../../src/head/words/tables.ts";
import type { Words } from "../../src/head/words/words.ts";
import { nameOf, recordable } from "../../src/ui/recording.ts";
import { Texts } from "../../src/ui/words/texts.ts";
import type { Element } from "../doubles/dom.ts";
import { Happening } from "../doubles/dom.ts";
import { installPage, key, named, type } from "../doubles/page.ts";

installPage();

const texts = () => new Texts<Words>(en);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const as = (element: HTMLElement): Element => element as unknown as Element;
const on = (element: Element, name: string, more: object = {}): boolean =>
  element.dispatchEvent(new Happening(name, { bubbles: true, ...more }));

function composer() {
  const done: string[] = [];
  const made = new Composer(texts(), {
    speak: (text) => done.push(text),
    stop: () => done.push("[stop]"),
    file: () => done.push("[file]"),
  });
  return { made, done, field: as(made.root).querySelector("textarea")! };
}

test("Enter speaks what is typed; Shift+Enter, and Enter in the middle of a composed sign, do not", () => {
  const { made, done, field } = composer();
  type(field, "  Hello  ");
  key(field, "Enter", { shiftKey: true });
  key(field, "Enter", { isComposing: true });
  assert.deepEqual(done, []);
  key(field, "Enter");
  assert.deepEqual([done, field.value], [["Hello"], ""]);
  key(field, "Enter");
  on(as(made.root), "submit");
  assert.deepEqual(done, ["Hello"], "nothing is spoken of nothing");
});

test("there is a way to stop while something is said, and only what the model takes is offered", () => {
  const { made, done } = composer();
  const stop = named(made.root, en.say.stop);
  assert.equal(stop.hidden, true);
  made.talks(true);
  stop.click();
  assert.deepEqual([stop.hidden, done], [false, ["[stop]"]]);
  made.offer(false, true);
  assert.equal(named(made.root, en.say.speak).hidden, true);
  made.offer(false, false);
  assert.equal(as(made.root).hidden, true);
});

const AVATARS = [
  { id: "ada", picture: "data:image/webp;base64,AA" },
  { id: "old_kofi", picture: "" },
];

test("a face is chosen with a press or with the arrow keys; a portrait stands before them", () => {
  const chosen: string[] = [];
  const faces = new Faces(texts(), { avatar: (id) => chosen.push(id), portrait: () => chosen.push("[own]") });
  faces.offer(AVATARS, true);
  faces.avatar("ada");
  const tile = (name: string): Element => named(faces.root, name);
  assert.deepEqual([tile("Ada").getAttribute("aria-checked"), tile("Old kofi").tabIndex], ["true", -1]);
  tile("Old kofi").click();
  key(tile("Ada"), "ArrowRight");
  key(tile("Ada"), "ArrowLeft");
  key(tile("Ada"), "x");
  assert.deepEqual(chosen, ["old_kofi", "old_kofi", "old_kofi"]);
  faces.portrait("data:image/jpeg;base64,AA");
  assert.equal(tile(en.faces.portrait).getAttribute("aria-checked"), "true");
  assert.equal(tile("Ada").getAttribute("aria-checked"), "false");
  tile(en.faces.portrait).click();
  assert.equal(chosen.length, 3, "it speaks already");
  assert.match(as(faces.root).textContent, /Another portrait/);
  faces.portrait("");
  faces.offer([], false);
  assert.equal(as(faces.root).hidden, true);
});

test("a portrait is used once somebody says that the person agreed, and each is asked about anew", async () => {
  const consent = new Consent(texts());
  consent.connect("https://faces.example/v1/realtime");
  const root = as(consent.root);
  assert.match(root.textContent, /sent to faces\.example, and nowhere else/);
  const answers: boolean[] = [];
  const ask = (): void => void consent.ask().then((agreed) => answers.push(agreed));
  const check = root.querySelector("input")!;
  const agree = named(root, en.consent.agree);
  ask();
  assert.deepEqual([root.hidden, agree.disabled], [false, true]);
  check.checked = true;
  on(check, "change");
  assert.equal(agree.disabled, false);
  agree.click();
  ask();
  assert.deepEqual([check.checked, agree.disabled], [false, true]);
  key(root, "Escape");
  ask();
  consent.close();
  await turn();
  assert.deepEqual(answers, [true, false, false]);
  consent.given = true;
  assert.equal(await consent.ask(), true, "the page vouches for it");
});

/** A panel with a session that keeps what it is sent. */
function panel() {
  const sent: object[] = [];
  const failed: string[] = [];
  const params: Record<string, unknown> = {};
  const choose = (given: object): void => void Object.assign(params, given);
  return {
    ...{ sent, failed, params },
    session: { send: (inputs: object) => sent.push(inputs), model: {}, set: (all: object) => sent.push(all) },
    settings: { all: params, fit: (all: object) => all },
    notice: { hide: () => undefined },
    failed_: failed,
    as: null as unknown,
    made() {
      const own = { choose, change: choose };
      const tell = (error: LivedraftError): void => void failed.push(error.code);
      return { ...this, params: own, failed: tell } as never;
    },
  };
}

test("the avatars and their pictures are read out of the model's schema", () => {
  const double = panel();
  const looks = new Looks(texts(), double.made(), { said: () => undefined, changed: () => undefined });
  const pictures = { ada: "data:image/webp;base64,AA", bo: "https://elsewhere.example/bo.png" };
  const avatar = { enum: ["", "ada", "bo"], "x-pictures": pictures };
  looks.offer({ inputs: [{ name: "portrait" }], params_schema: { properties: { avatar } } } as never);
  const images = as(looks.root).querySelectorAll("img");
  assert.deepEqual(
    images.map((each) => each.getAttribute("src")),
    ["data:image/webp;base64,AA"],
    "nothing is fetched from elsewhere",
  );
  looks.show({ avatar: "" });
  assert.equal(named(looks.root, en.faces.usual).getAttribute("aria-checked"), "true", "the model chooses itself");
  named(looks.root, "Bo").click();
  assert.equal(double.params["avatar"], "bo");
  assert.equal(looks.concerns(new LivedraftError({ code: "invalid_image", message: "no face" })), true);
  assert.deepEqual(double.sent, [], "there was no portrait to take away");
});

test("the microphone is on until it is off, and while a button is held by finger, mouse or key", () => {
  const done: string[] = [];
  const mic = new Mic(texts(), { turn: (on) => done.push(`on ${on}`), hold: (on) => done.push(`hold ${on}`) });
  const toggle = named(mic.root, en.microphone.on);
  toggle.click();
  mic.on(true);
  assert.equal(toggle.title, en.microphone.off);
  toggle.click();
  const hold = named(mic.root, en.microphone.hold);
  on(hold, "pointerdown", { button: 2 });
  on(hold, "pointerdown", { button: 0, pointerId: 1 });
  on(hold, "pointerup");
  on(hold, "lostpointercapture");
  key(hold, " ");
  key(hold, " ", { repeat: true });
  on(hold, "blur");
  assert.deepEqual(done, ["on true", "on false", "hold true", "hold false", "hold true", "hold false"]);
});

test("sound, captions and recording are turned on and off", () => {
  const done: unknown[] = [];
  const controls = new Controls(texts(), {
    mute: (muted) => done.push(["mute", muted]),
    loud: (volume) => done.push(["loud", volume]),
    captions: (on) => done.push(["captions", on]),
    record: (on) => done.push(["record", on]),
  });
  named(controls.root, en.sound.mute).click();
  controls.muted(true);
  named(controls.root, en.sound.unmute).click();
  named(controls.root, en.sound.captions).click();
  named(controls.root, en.record.start).click();
  controls.records(true);
  named(controls.root, en.record.stop).click();
  assert.deepEqual(done, [
    ["mute", true],
    ["mute", false],
    ["captions", false],
    ["record", true],
    ["record", false],
  ]);
  controls.offer(false);
  assert.equal(named(controls.root, en.record.stop).hidden, true);
});

test("voice and manner are those of the model's params that the element has words for", () => {
  const set: object[] = [];
  const manner = new Manner(texts(), (params) => set.push(params));
  const controls = new Controls(texts(), {} as never);
  manner.by(controls.settings);
  assert.equal(as(controls.settings).hidden, true, "there is nothing to be set");
  const voice = { enum: ["en-GB", "en-US"] };
  const speed = { type: "number", minimum: 0.5, maximum: 2 };
  manner.offer({ properties: { voice, speed, other: { type: "string" } } });
  manner.show({ voice: "en-US", speed: 1 });
  controls.settings.click();
  assert.deepEqual([as(manner.root).hidden, controls.settings.getAttribute("aria-expanded")], [false, "true"]);
  named(manner.root, new Intl.DisplayNames(undefined, { type: "language" }).of("en-GB")!).click();
  assert.deepEqual(set, [{ voice: "en-GB" }]);
  assert.doesNotMatch(as(manner.root).textContent, /Other/);
});

test("a face out of sight rests, unless something is said", () => {
  const done: string[] = [];
  let busy = false;
  const session = { model: {}, set: () => done.push("set"), cancel: () => done.push("cancel") };
  const waking = new Waking({ session, settings: { all: {}, fit: () => ({}) } } as never, () => busy);
  waking.opened();
  waking.inSight(false);
  waking.inSight(false);
  waking.inSight(true);
  busy = true;
  waking.inSight(false);
  waking.wake();
  assert.deepEqual(done, ["set", "cancel", "set"]);
});

test("errors and the connection are told in the table's words", () => {
  const error = (code: string): LivedraftError => new LivedraftError({ code, message: "no face is seen", fix: "turn" });
  assert.equal(toldOf(error("server_busy"), tableOf("de")), tableOf("de").errors.server_busy);
  assert.equal(toldOf(error("invalid_image"), en), "Something went wrong: no face is seen. turn");
  assert.match(toldOf(error("sound_too_long"), en), /at most 30 minutes/);
  assert.equal(noticeOf(en).told(error("damaged")), en.errors.damaged);
  assert.equal(stateOf("open", 0, "speaking", en), "Speaking");
  assert.equal(stateOf("queued", 3, "idle", en), "Place 3 in the queue");
  assert.equal(stateOf("idle", 0, "idle", en), en.state.paused);
  assert.equal(stateOf("closed", 0, "idle", en), en.state.closed);
  assert.equal(missingOf("open", 0, 5, en), "");
  assert.equal(missingOf("open", 0, 0, en), en.stage.connecting);
  assert.equal(missingOf("queued", 2, 5, en), "Place 2 in the queue");
  assert.equal(missingOf("reconnecting", 0, 5, en), en.stage.reconnecting);
  assert.equal(missingOf("closed", 0, 5, en), en.stage.closed);
});

test("a film has a name by its time; a browser without a recorder offers none", () => {
  assert.equal(nameOf("talking-head", new Date(2026, 0, 5, 9, 7), "video/mp4"), "talking-head-2026-01-05-0907.mp4");
  assert.equal(recordable(), false);
});
