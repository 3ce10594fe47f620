/** The stage: the photo with what is worn, how it is looked at, and the tools that lie over it. */

import { Compare } from "../../ui/compare.ts";
import { h, show } from "../../ui/dom.ts";
import { receive } from "../../ui/files.ts";
import { fill } from "../../ui/words/tables.ts";
import type { Measured, Place, Places } from "../measured.ts";
import type { Photo } from "../photo.ts";
import type { Texts } from "../words/texts.ts";
import { Brush } from "./brush.ts";
import { Dots } from "./dots.ts";
import { GarmentPoints } from "./garment.ts";
import type { MirrorEvents } from "./mirror.ts";
import { Mirror } from "./mirror.ts";
import { People } from "./people.ts";
import { Picture } from "./picture.ts";
import { Welcome } from "./welcome.ts";

export const VIEWS = ["picture", "compare", "beside", "mask"] as const;
export type View = (typeof VIEWS)[number];

/** What lies over the picture: to paint what may change, to move points, or to choose among people. */
export type Tool = "none" | "brush" | "points" | "joints" | "people";

export interface StageEvents extends MirrorEvents {
  open(file: Blob): void;
  mirror(): void;
  mask(mask: Blob | null): void;
  points(points: Places): void;
  joints(joints: Places): void;
  subject(subject: Place): void;
  cancel(): void;
  changed(): void;
}

export class Stage {
  readonly root: HTMLElement;
  readonly picture = new Picture();
  readonly brush: Brush;
  readonly garment: GarmentPoints;
  readonly joints: Dots;
  readonly people: People;
  readonly mirror: Mirror;
  view: View = "picture";
  tool: Tool = "none";
  private readonly compare: Compare;
  private readonly welcome: Welcome;
  private readonly doing = h("span", { dir: "auto" });
  private readonly cancel: HTMLButtonElement;
  private readonly chip: HTMLElement;
  private photo: Photo | null = null;

  constructor(
    private readonly texts: Texts,
    host: HTMLElement,
    events: StageEvents,
  ) {
    this.brush = new Brush(texts, { mask: (mask) => events.mask(mask), changed: () => events.changed() });
    this.garment = new GarmentPoints(texts, (points) => events.points(points));
    this.joints = new Dots(texts, (joints) => events.joints(joints));
    this.people = new People(texts, (subject) => events.subject(subject));
    this.mirror = new Mirror(texts, events);
    this.welcome = new Welcome(texts, events);
    this.compare = new Compare(
      (percent) => fill(texts.words.view.part, { percent }),
      (part) => this.root?.style.setProperty("--split", `${part * 100}%`),
    );
    texts.name(this.compare.input, ({ view }) => view.slider);
    texts.say(() => this.compare.show());
    this.cancel = h("button", { type: "button", class: "quiet", onclick: () => events.cancel() });
    this.cancel.append(texts.span(({ doing }) => doing.cancel));
    this.chip = h(
      "div",
      { class: "making" },
      h("i", { class: "wheel", "aria-hidden": "true" }),
      this.doing,
      this.cancel,
    );
    const { picture, brush, garment, joints, people, mirror, welcome, compare } = this;
    texts.name(joints.root, ({ points }) => points.body);
    texts.name(picture.before, ({ stage }) => stage.yours);
    const tag = (of: "before" | "after"): HTMLElement =>
      h(
        "span",
        { class: "tag", "data-of": of, "aria-hidden": "true" },
        texts.span(({ view }) => view[of]),
      );
    const over = h("div", { class: "over" }, brush.root, joints.root, people.root);
    this.root = h(
      "div",
      { class: "stage pane", part: "stage", role: "group" },
      h("div", { class: "sides" }, picture.before, picture.after, tag("before"), tag("after"), compare.root, over),
      garment.root,
      mirror.root,
      welcome.root,
      h(
        "p",
        { class: "release", "aria-hidden": "true" },
        texts.span(({ stage }) => stage.release),
      ),
      this.chip,
    );
    texts.name(this.root, ({ stage }) => stage.label);
    receive(this.root, host, (file) => events.open(file));
    this.root.style.setProperty("--split", "50%");
    this.making("");
    this.clear();
  }

  /** Show a photo, with nothing on. */
  show(photo: Photo): void {
    this.photo = photo;
    this.brush.clear();
    this.joints.reset();
    this.people.there([]);
    this.picture.show(photo);
    this.compare.reset();
    this.use("none");
    this.arrange();
  }

  /** Show what is worn, and where its points are. */
  wear(layer: ImageBitmap, { points, joints, people }: Measured, name: string): void {
    this.picture.wear(layer);
    this.garment.show(points);
    this.joints.show(joints);
    this.people.there(people);
    this.picture.after.setAttribute("aria-label", fill(this.texts.words.stage.worn, { garment: name }));
    this.arrange();
  }

  /** Take off what is worn. */
  undress(): void {
    this.picture.undress();
    this.arrange();
  }

  /** Whether anything was put right by hand in the tool that is used. */
  get changed(): boolean {
    const made = { none: false, people: false, brush: this.brush.painted };
    return { ...made, points: this.garment.dots.changed, joints: this.joints.changed }[this.tool];
  }

  /** Take back all that was put right by hand in the tool that is used. */
  reset(): void {
    if (this.tool === "brush") this.brush.automatic();
    else if (this.tool === "points") this.garment.dots.reset();
    else if (this.tool === "joints") this.joints.reset();
  }

  look(view: View): void {
    this.view = view;
    this.picture.mask(view === "mask");
    this.arrange();
  }

  use(tool: Tool): void {
    this.tool = tool;
    if (tool === "brush" && this.photo) this.brush.open(this.photo.size, (canvas) => this.picture.paintMask(canvas));
    this.arrange();
  }

  /** Say what is being made, and whether it can be called off; empty: nothing is. */
  making(text: string, cancels = false): void {
    if (this.doing.textContent !== text) this.doing.textContent = text;
    show(this.chip, text !== "");
    show(this.cancel, cancels);
  }

  /** Let go of the photo and of all that was made of it. */
  clear(): void {
    this.photo = null;
    this.picture.clear();
    this.brush.clear();
    this.joints.reset();
    this.garment.dots.reset();
    this.people.there([]);
    this.mirror.stop();
    this.view = "picture";
    this.use("none");
  }

  /** Have each part where the state wants it. */
  arrange(): void {
    const { root, photo, mirror } = this;
    const filming = mirror.on;
    const looks = this.tool === "none" && this.picture.worn ? this.view : "picture";
    const wide = looks === "beside" && !filming;
    root.dataset["tool"] = filming ? "none" : this.tool;
    root.dataset["view"] = looks;
    root.toggleAttribute("data-empty", photo === null && !filming);
    root.toggleAttribute("data-filming", filming);
    const aspect = filming ? mirror.aspect : (photo?.aspect ?? 0);
    if (aspect) root.style.setProperty("--aspect", String(wide ? aspect * 2 : aspect));
    else root.style.removeProperty("--aspect");
  }
}
