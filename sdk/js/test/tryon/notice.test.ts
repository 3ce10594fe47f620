/** The notice before the first picture: changed by a page in many ways, and lost in one alone. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { UploadNotice } from "../../src/tryon/shop/notice.ts";
import { en } from "../../src/tryon/words/en.ts";
import { tableOf } from "../../src/tryon/words/tables.ts";
import { whereTo } from "../../src/ui/question.ts";
import { Element, Happening, page } from "../doubles/dom.ts";
import { installPage, key, named } from "../doubles/page.ts";

installPage();

const { notice } = en;

function made(server: string, words = () => tableOf("en")) {
  const it = new UploadNotice(words);
  it.connect(server);
  const root = it.root as unknown as Element;
  const answered: boolean[] = [];
  const ask = (): void => void it.ask().then((agreed) => answered.push(agreed));
  const [, text, slot, where] = root.querySelector(".said")!.children as [Element, Element, Element, Element];
  return { it, root, answered, ask, text, slot, where };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("it stands before the first picture, until the visitor agrees; once a page and server", async () => {
  const { it, root, answered, ask, text, where } = made("https://tryon.example/v1/realtime");
  assert.deepEqual([it.settled, root.hidden], [false, true]);
  ask();
  assert.equal(root.hidden, false);
  assert.equal(page.focused, named(root, notice.agree));
  assert.match(text.textContent, /nothing else.*“Forget me”/);
  assert.equal(where.textContent, "It is sent to tryon.example, and nowhere else.");
  named(root, notice.cancel).click();
  await turn();
  assert.deepEqual([answered, root.hidden, it.settled], [[false], true, false]);
  ask();
  named(root, notice.agree).click();
  await turn();
  assert.deepEqual([answered, root.hidden, it.settled], [[false, true], true, true]);
  ask();
  await turn();
  assert.deepEqual([answered, root.hidden], [[false, true, true], true], "not shown again");
  assert.equal(made("https://tryon.example").it.settled, true, "nor by another element of the page");
  assert.equal(made("https://other.example").it.settled, false, "another server is another matter");
  ask();
  await turn();
  it.forget();
  assert.equal(it.settled, false, "who comes next is told anew");
});

test("who is asked before the server is known agrees to the one that is named then, and is forgotten there", async () => {
  const asked = (): UploadNotice => {
    const it = new UploadNotice(() => tableOf("en"));
    void it.ask();
    it.connect("https://kiosk.example");
    return it;
  };
  const first = asked();
  named(first.root as unknown as Element, notice.agree).click();
  await turn();
  assert.equal(first.settled, true);
  first.forget();
  assert.equal(asked().root.hidden, false, "the next visitor is told anew");
});

test("Escape is no agreement, and leaves a dialog around it open; of two pictures the newer counts", async () => {
  const { root, answered, ask } = made("https://a.example");
  ask();
  assert.equal(key(root, "a").stopped, false);
  const pressed = key(root, "Escape");
  await turn();
  assert.deepEqual([answered, pressed.stopped, pressed.defaultPrevented, root.hidden], [[false], true, true, true]);
  ask();
  ask();
  ask();
  named(root, notice.agree).click();
  await turn();
  assert.deepEqual(answered, [false, false, false, true]);
});

test("it is named and described for those who do not see it", () => {
  const { root } = made("https://b.example");
  assert.equal(root.getAttribute("role"), "alertdialog");
  for (const by of ["aria-labelledby", "aria-describedby"])
    assert.ok(root.querySelector(`[id=${root.getAttribute(by)}]`), by);
});

test("where a picture goes is said of this device, the shop's server and any other", () => {
  const said = (server: string, at = "https://shop.example/tee"): string =>
    whereTo({ ...notice, own: notice.shop }, server, at);
  for (const own of ["http://localhost:7860", "http://127.0.0.1:7860", "http://[::1]:1", "http://a.localhost"])
    assert.equal(said(own), notice.here, own);
  assert.match(said("https://shop.example"), /shop\.example, the server of this shop/);
  assert.match(said("https://shop.example:8443"), /sent to shop\.example:8443, and nowhere/);
  assert.match(said("https://localhost.evil.example"), /sent to localhost\.evil\.example/);
  assert.match(said("https://a.example", "about:srcdoc"), /a\.example, and nowhere/);
  assert.equal(said("http://["), "");
});

test("a page says it in its own words, and where it goes is said all the same", () => {
  const { it, text, where, root } = made("https://c.example", () => tableOf("en", { notice: { agree: "Fine" } }));
  it.set({ text: " We show you our clothes. ", reason: null });
  assert.equal(text.textContent, "We show you our clothes.");
  assert.match(where.textContent, /c\.example/);
  named(root, "Fine");
});

test("an empty attribute, blank words or an empty slot take nothing away", () => {
  const blank = { notice: { title: " ", text: "", elsewhere: "\n", agree: "" } };
  const { it, root, text, slot, where, ask } = made("https://d.example", () => tableOf("en", blank));
  for (const empty of ["", "  ", "\u00a0"]) {
    it.set({ text: empty, reason: "we like it so" });
    assert.equal(it.settled, false);
    assert.match(text.textContent, /nothing else/);
  }
  const assigned: Element[] = [];
  Object.assign(slot, { assignedElements: () => assigned });
  const fill = (content: string, hidden = false): void => {
    const own = new Element();
    own.textContent = content;
    own.hidden = hidden;
    assigned.splice(0, 1, own);
    slot.dispatchEvent(new Happening("slotchange"));
  };
  for (const [content, hidden] of [
    ["", false],
    [" \n ", false],
    ["Ours", true],
  ] as const) {
    fill(content, hidden);
    assert.deepEqual([text.hidden, slot.hidden], [false, true], JSON.stringify(content));
  }
  fill("Our own words, with a link");
  assert.deepEqual([text.hidden, slot.hidden], [true, false]);
  ask();
  assert.equal(root.hidden, false);
  assert.match(where.textContent, /d\.example/);
});

test("only 'none' with a reason takes it away; without one the page's author is told", async () => {
  const { it, answered, ask, root } = made("https://e.example");
  const warn = mock.method(console, "warn", () => undefined);
  for (const reason of [null, "", "  "]) {
    it.set({ text: "none", reason });
    assert.equal(it.settled, false);
  }
  assert.equal(warn.mock.callCount(), 3);
  assert.match(String(warn.mock.calls[0]?.arguments[0]), /notice-reason/);
  it.set({ text: " None ", reason: "the fitting room's contract says it" });
  assert.deepEqual([it.settled, warn.mock.callCount()], [true, 3]);
  ask();
  await turn();
  assert.deepEqual([answered, root.hidden], [[true], true]);
  warn.mock.restore();
});

test("it speaks the language of the page, and changes with it", () => {
  let language = "ar";
  const { it, text, where } = made("https://f.example", () => tableOf(language));
  assert.match(where.textContent, /\u2068f\.example\u2069/);
  language = "de";
  it.reword();
  assert.match(text.textContent, /„Mein Foto löschen“/);
});
