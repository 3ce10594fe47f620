/** What a session asks for at the beginning. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser, start } from "./stand_ins.ts";

test("another model for final pictures is asked for at the beginning, and by nobody who wants none", async () => {
  for (const refineModel of ["large", undefined]) {
    const browser = new Browser();
    start(browser, {}, undefined, refineModel ? { refineModel } : {});
    await browser.pass();
    browser.latest.accept();
    const [open = {}] = browser.latest.take();
    assert.deepEqual(
      [open["refine_model"], open["features"]],
      refineModel ? ["large", ["models"]] : [undefined, undefined],
    );
  }
});
