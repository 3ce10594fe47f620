/** What can be done is shown when it changes, and costs nothing at each point in between. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing } from "../../src/sketch/drawing.ts";
import { Possible } from "../../src/sketch/possible.ts";

test("each part shows what can be done, once for each change", () => {
  const did: unknown[] = [];
  const drawing = new Drawing();
  const live = { drawn: false };
  const finals = { running: false, refusal: "Draw something first" };
  const pane: { frame: object | null; film: object | null } = { frame: null, film: null };
  const possible = new Possible({
    canvas: { paper: { drawing }, refresh: (drawn: boolean) => did.push(["canvas", drawn]) },
    panel: { params: { panel: { allow: (...how: unknown[]) => did.push(["panel", ...how]) } } },
    result: { live, finals, pane, refresh: () => did.push("result") },
    root: { toggleAttribute: (name: string, on: boolean) => did.push([name, on]) },
    drawn: (drawn: boolean) => did.push(["field", drawn]),
  } as never);
  const shown = (): unknown[] => {
    did.length = 0;
    possible.show();
    return [...did];
  };
  const blank = [
    ["field", false],
    ["canvas", false],
    ["data-blank", true],
    ["panel", "Draw something first", false, false, false],
    "result",
  ];
  assert.deepEqual(shown(), blank);
  assert.deepEqual(shown(), []);
  possible.forget();
  assert.deepEqual(shown(), blank, "the parts are new");
  drawing.add({ kind: "stroke", tool: "pen", colour: "#e5484d", size: 0.01, points: [0, 0, 0.5] });
  Object.assign(live, { drawn: true });
  finals.refusal = "";
  assert.deepEqual(shown(), [
    ["field", true],
    ["canvas", true],
    ["data-blank", false],
    ["panel", "", false, false, true],
    "result",
  ]);
  for (const change of [() => drawing.undo(), () => (finals.running = true), () => (pane.frame = {})]) {
    change();
    assert.notDeepEqual(shown(), []);
    assert.deepEqual(shown(), []);
  }
  Object.assign(pane, { frame: null });
  live.drawn = false;
  assert.deepEqual(shown()[2], ["data-blank", true]);
  pane.film = {};
  assert.deepEqual(shown()[2], ["data-blank", false], "a film of words alone is in the examples' place");
});
