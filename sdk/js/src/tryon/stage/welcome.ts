/** What is to be seen before there is a photo: how to show oneself, and what kind of photo does. */

import { h, show } from "../../ui/dom.ts";
import { choosing } from "../../ui/files.ts";
import { icon } from "../../ui/icons.ts";
import { BODY, CAMERA, MIRROR } from "../icons.ts";
import type { Texts } from "../words/texts.ts";

export interface WelcomeEvents {
  open(file: Blob): void;
  mirror(): void;
}

export class Welcome {
  readonly root: HTMLElement;

  constructor(texts: Texts, { open, mirror }: WelcomeEvents) {
    const button = (name: Parameters<typeof icon>[0], of: Parameters<Texts["span"]>[0], kind: string) =>
      h("button", { type: "button", class: kind }, icon(name), texts.span(of));
    const choose = button("open", ({ stage }) => stage.choose, "primary");
    const shoot = button(CAMERA, ({ stage }) => stage.shoot, "quiet");
    const look = button(MIRROR, ({ stage }) => stage.mirror, "quiet");
    look.addEventListener("click", mirror);
    const shooting = choosing(shoot, open, { accept: "image/*", capture: "user" });
    show(shoot, matchMedia("(pointer: coarse)").matches); // where a browser opens the camera's own program
    show(look, Boolean(navigator.mediaDevices));
    this.root = h(
      "div",
      { class: "welcome" },
      h("i", { class: "figure", "aria-hidden": "true" }, icon(BODY)),
      h(
        "p",
        {},
        texts.span(({ stage }) => stage.title, { class: "title" }),
      ),
      h(
        "p",
        { class: "what" },
        texts.span(({ stage }) => stage.hint),
      ),
      h("div", { class: "ways" }, choose, choosing(choose, open), shoot, shooting, look),
      h(
        "p",
        { class: "drop" },
        texts.span(({ stage }) => stage.drop),
      ),
    );
  }
}
