/** The inside of `<livedraft-tryon>`: the stage, what is worn, the controls, and how they act on each other. */

import type { Note, Params } from "../client/protocol.ts";
import type { Frame } from "../client/session.ts";
import { LivedraftError } from "../errors.ts";
import type { Refusal } from "../media/photos.ts";
import type { Connection } from "../ui/connection.ts";
import { h } from "../ui/dom.ts";
import { SessionPanel } from "../ui/session_panel.ts";
import { fill } from "../ui/words/tables.ts";
import { Controls } from "./controls.ts";
import { Filming } from "./filming.ts";
import type { TryonDiagnostics, TryonHost } from "./host.ts";
import { Photo } from "./photo.ts";
import { Reading } from "./reading.ts";
import type { Outfit } from "./shop/outfit.ts";
import { listed } from "./shop/outfit.ts";
import { Shop } from "./shop/shop.ts";
import type { Tool } from "./stage/stage.ts";
import { Stage } from "./stage/stage.ts";
import { doingOf, noticeOf, stateOf, toldOf } from "./telling.ts";
import { Wearing } from "./wearing.ts";
import { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";
import { Worn } from "./worn.ts";

export class TryonStudio {
  readonly root: HTMLElement;
  readonly panel: SessionPanel;
  readonly stage: Stage;
  readonly shop: Shop;
  private readonly texts = new Texts();
  private readonly wearing: Wearing;
  private readonly worn: Worn;
  readonly filming: Filming;
  private readonly controls: Controls;
  private readonly said = h("p", { class: "unseen", role: "status" });
  private readonly reading: Reading;

  constructor(private readonly host: TryonHost) {
    const { texts } = this;
    this.stage = this.makeStage();
    this.panel = this.makePanel();
    const failed = (error: LivedraftError): void => this.panel.failed(error, false);
    this.filming = new Filming(this.panel, this.stage.mirror, {
      failed,
      changed: () => {
        this.stage.arrange();
        this.show();
      },
      shown: () => {
        this.worn.frames += 1;
        this.shown();
      },
    });
    this.wearing = new Wearing(this.panel, this.filming.live, {
      frame: (frame) => this.framed(frame),
      changed: () => this.show(),
      late: () => failed(new LivedraftError({ code: "timed_out", message: "no picture came" })),
      failed,
    });
    this.worn = new Worn(texts, this.stage, (text) => this.say(text));
    this.shop = new Shop(texts, host.element, { worn: (outfit) => this.dress(outfit) });
    this.reading = new Reading({
      agreed: () => this.shop.agreed(),
      begun: () => {
        this.panel.notice.hide(); // what was wrong before is of no interest any more
        this.show();
      },
      taken: (photo, shrunk) => {
        this.take(photo);
        if (shrunk) this.say(fill(texts.words.doing.shrunk, { ...photo.size }));
      },
      refused: (why) => this.refuse(why),
    });
    const { brush } = this.stage;
    this.controls = new Controls(texts, this.shop.parts, {
      look: (view) => {
        this.stage.look(view);
        this.host.diagnosed();
      },
      set: (params) => this.wearing.set(params),
      open: (file) => void this.open(file),
      use: (tool) => this.use(tool),
      erase: (erases) => (brush.erases = erases),
      size: (size) => (brush.size = size),
      undo: () => brush.undo(),
      automatic: () => this.automatic(),
      finish: () => void this.wearing.finish().catch(() => undefined), // it was told, or something newer came
      save: (type) => void this.worn.save(type),
      forget: () => this.forget(),
    });
    this.root = this.assemble();
    texts.say(() => this.show());
  }

  get diagnostics(): TryonDiagnostics {
    const { photo, busy } = this.wearing;
    return {
      ...this.panel.diagnostics,
      camera: this.stage.mirror.source.state,
      view: this.stage.view,
      photo: photo && [photo.size.width, photo.size.height],
      worn: this.worn.skus,
      busy,
      frames: this.worn.frames,
    };
  }

  connect(connection: Connection): void {
    this.shop.connect(connection);
    this.wearing.at(connection);
  }

  /** Speak another language, or in other words. */
  speak(words: Words, language: string, direction: "ltr" | "rtl"): void {
    this.shop.language = language;
    this.root.lang = language;
    this.root.dir = direction;
    this.texts.use(words);
  }

  /** Take a photo of the customer's, after the notice; tell what is wrong with it, if anything. */
  open(file: Blob): Promise<void> {
    return this.reading.open(file);
  }

  /** Let the customer look into the camera as into a mirror, after the notice. */
  async film(): Promise<void> {
    if (!(await this.shop.agreed())) return;
    this.panel.notice.hide();
    this.wearing.join();
    this.stage.mirror.start();
  }

  /** Count down to a still; without a camera, start it. */
  takePhoto(): void {
    if (this.stage.mirror.source.state === "live") this.stage.mirror.countDown();
    else void this.film();
  }

  /** End the session, and let go of the photo, the camera and all that was made of them. */
  forget(aloud = true): void {
    this.reading.forget();
    this.worn.clear();
    this.stage.clear();
    this.wearing.forget();
    this.shop.forget();
    this.controls.clear();
    this.panel.notice.hide();
    this.show();
    this.host.diagnosed();
    if (aloud) this.say(this.texts.words.actions.forgotten);
  }

  private makeStage(): Stage {
    return new Stage(this.texts, this.host.element, {
      open: (file) => void this.open(file),
      mirror: () => void this.film(),
      state: () => this.filming.filmed(),
      still: (photo) => {
        this.stopFilming();
        this.take(new Photo(photo));
      },
      stop: () => this.stopFilming(),
      failed: (error) => this.panel.failed(error, false),
      said: (text) => this.say(text),
      mask: (mask) => this.wearing.mask(mask),
      points: (points) => this.wearing.set({ points }),
      joints: (joints) => this.wearing.set({ joints }),
      subject: (subject) => {
        this.wearing.set({ subject });
        this.use("none");
      },
      cancel: () => this.wearing.cancel(),
      changed: () => this.show(),
    });
  }

  private makePanel(): SessionPanel {
    return new SessionPanel(this.host, {
      fits: ({ inputs }) => inputs.some(({ name }) => name === "garment"),
      opened: () => this.filming.opened(),
      stated: () => this.show(),
      concerns: ({ id, code }) => {
        if (code === "superseded" || !this.wearing.concerns(id)) return false;
        this.wearing.failed();
        return true;
      },
      words: (state, position) => stateOf(this.panel.session ? state : "open", position, this.texts.words),
      noticeWords: () => noticeOf(this.texts.words),
      params: { changed: (params) => this.changed(params) },
    });
  }

  private assemble(): HTMLElement {
    const { stage, controls, panel, shop, said } = this;
    const below = [controls.looks, controls.notes.root, panel.notice.root, panel.readout.root, said];
    const front = h("div", { class: "front" }, shop.before, stage.root, ...below);
    const room = h("div", { class: "room" }, front, controls.sheet.root);
    return h("div", { class: "studio tryon", part: "studio" }, room);
  }

  private take(photo: Photo): void {
    this.worn.clear();
    this.stage.show(photo);
    this.stage.mirror.stop();
    this.controls.clear();
    if (listed(this.wearing.outfit).length) this.shop.began(this.wearing.outfit);
    void this.wearing.take(photo).catch((error: LivedraftError) => this.panel.failed(error, false));
  }

  private stopFilming(): void {
    this.wearing.forgetAnswers();
    this.filming.stop();
  }

  /** Put an outfit on, or take all off. */
  private dress(outfit: Outfit): void {
    const [first] = listed(outfit);
    this.stage.garment.wear(first?.image ?? "");
    if (!first) this.unworn([]);
    else if (this.wearing.photo || this.stage.mirror.on) this.shop.began(outfit);
    this.controls.askKind(first?.category === "auto");
    void this.wearing.wear(outfit).catch((error: LivedraftError) => this.panel.failed(error, false));
    this.show();
  }

  private framed(frame: Frame): void {
    if (frame.notes.some(({ code }) => code === "no_person")) return this.unworn(frame.notes);
    if (!this.worn.show(frame, this.wearing.outfit)) return;
    this.controls.noted(frame.notes);
    const several = frame.notes.some(({ code }) => code === "several_people");
    const chosen = this.panel.settings.all["subject"];
    if (several && !chosen && this.stage.tool === "none") this.stage.use("people");
    this.panel.notice.answered(frame.id);
    this.shown();
  }

  /** Nothing is worn, for these reasons. */
  private unworn(notes: readonly Note[]): void {
    this.worn.clear();
    this.stage.undress();
    this.controls.noted(notes);
    this.show();
  }

  /** A picture of what is worn is on show. */
  private shown(): void {
    this.shop.shown(this.wearing.outfit);
    this.show();
    this.host.diagnosed();
  }

  private changed(params: Params): void {
    this.panel.session?.set(this.panel.settings.fit(params));
    this.controls.params(this.panel.settings.all);
  }

  private use(tool: Tool): void {
    this.stage.use(tool);
    this.show();
  }

  /** Let the model's own work count again, in the tool that is used. */
  private automatic(): void {
    const { tool } = this.stage;
    this.stage.reset();
    if (tool === "points" || tool === "joints") this.wearing.set({ [tool]: {} });
    this.show();
  }

  /** Say why a photo cannot be used; a page hears the code that it knows. */
  private refuse(why: Refusal): void {
    const refused = new LivedraftError({ code: why, message: why });
    this.panel.notice.show(refused, false);
    this.panel.notice.root.scrollIntoView?.({ block: "nearest" }); // below a tall photo nobody would see it
    this.host.failed(new LivedraftError({ code: "invalid_image", message: toldOf(refused, this.texts.words) }));
  }

  private say(text: string): void {
    this.said.textContent = text;
  }

  /** Show what can be done, and what is being done. */
  private show(): void {
    const { stage, wearing, panel } = this;
    if (!this.root) return; // still being made
    const filming = stage.mirror.on;
    const photo = wearing.photo !== null;
    panel.showState();
    this.root.toggleAttribute("data-live", panel.session !== null);
    stage.root.toggleAttribute("data-busy", wearing.busy || this.reading.busy);
    const { worn } = this;
    const dressed = listed(wearing.outfit).length > 0;
    const doing = { reading: this.reading.busy, photo: photo && !filming, dressed, worn: worn.any, ...wearing.state };
    stage.making(doingOf(doing, this.texts.words), wearing.finishing);
    this.controls.show({ photo, filming, worn: worn.any, finishing: wearing.finishing }, stage);
  }
}
