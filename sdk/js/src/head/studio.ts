/** The inside of `<livedraft-head>`: stage, faces, speech, microphone and controls, and how they act on each other. */

import type { Params } from "../client/protocol.ts";
import type { Text } from "../client/talk.ts";
import type { LivedraftError } from "../errors.ts";
import type { Samples } from "../media/intake.ts";
import type { Connection } from "../ui/connection.ts";
import { h } from "../ui/dom.ts";
import { Filming } from "../ui/filming.ts";
import { Live } from "../ui/live.ts";
import { recordable } from "../ui/recording.ts";
import { SessionPanel } from "../ui/session_panel.ts";
import { fill } from "../ui/words/tables.ts";
import { Texts } from "../ui/words/texts.ts";
import { Composer } from "./composer.ts";
import { Controls } from "./controls.ts";
import type { HeadDiagnostics, HeadHost } from "./host.ts";
import { Manner } from "./manner.ts";
import { Looks } from "./portrait/looks.ts";
import { Sounding } from "./sounding.ts";
import { Speech } from "./speech.ts";
import { Stage } from "./stage/stage.ts";
import { Talk, talks } from "./talk.ts";
import { missingOf, noticeOf, stateOf } from "./telling.ts";
import { Voice } from "./voice/voice.ts";
import { Waking } from "./waking.ts";
import { Ways } from "./ways.ts";
import { en } from "./words/en.ts";
import type { Words } from "./words/words.ts";

export class HeadStudio {
  readonly root: HTMLElement;
  readonly panel: SessionPanel;
  readonly looks: Looks;
  readonly voice: Voice;
  readonly filming: Filming;
  readonly sounding: Sounding;
  readonly waking: Waking;
  private readonly texts = new Texts<Words>(en);
  private readonly speech: Speech;
  private readonly ways: Ways;
  readonly stage: Stage;
  readonly live: Live;
  private readonly talk: Talk;
  private readonly composer: Composer;
  readonly controls: Controls;
  private readonly manner: Manner;
  private readonly said = h("p", { class: "unseen", role: "status" });
  private frames = 0;
  private words = 0;

  constructor(private readonly host: HeadHost) {
    const { texts } = this;
    this.stage = new Stage(texts, host.element, {
      open: (file) => this.open(file),
      hear: () => void this.sounding.listen(),
    });
    this.panel = this.makePanel();
    this.live = this.makeLive();
    this.talk = this.makeTalk();
    this.ways = new Ways(this.live);
    this.speech = new Speech(this.ways);
    const failed = (error: LivedraftError): void => this.panel.failed(error, false);
    this.looks = new Looks(texts, this.panel, {
      said: (text) => (this.said.textContent = text),
      changed: () => host.diagnosed(),
    });
    this.voice = new Voice(texts, this.live, {
      began: () => this.userSpeaks(true),
      ended: () => this.userSpeaks(false),
      utterance: (utterance) => host.emit("utterance", utterance),
      level: (level) => this.stage.level(level),
      changed: () => this.show(),
      failed,
    });
    this.filming = new Filming(this.stage.canvas, this.live, "talking-head", () => this.panel.recipe, {
      changed: () => this.show(),
      listen: () => void this.sounding.listen(),
      saved: (name) => (this.said.textContent = fill(texts.words.record.saved, { name })),
      failed,
    });
    this.composer = new Composer(texts, {
      speak: (text) => void this.speak(text).catch(failed),
      stop: () => this.interrupt(),
      file: (file) => void this.play(file),
    });
    this.controls = new Controls(texts, {
      mute: (muted) => this.sounding.mute(muted),
      loud: (volume) => this.sounding.loud(volume),
      captions: (on) => this.sounding.captions(on),
      record: (on) => void (on ? this.filming.start() : this.filming.save()),
    });
    this.sounding = new Sounding(this.live, this, () => this.show());
    const busy = (): boolean => this.talk.state !== "idle" || this.voice.state !== "off" || this.filming.on;
    this.waking = new Waking(this.panel, busy);
    this.manner = new Manner(texts, (params) => this.panel.params.change(params));
    this.manner.by(this.controls.settings);
    this.controls.offer(recordable());
    this.root = this.assemble();
    texts.say(() => this.show());
  }

  get diagnostics(): HeadDiagnostics {
    const { talk, frames, words, live, voice } = this;
    return {
      ...this.panel.diagnostics,
      ...{ talking: talk.state, viseme: talk.viseme, frames, words, audible: live.audible },
      ...{ microphone: voice.state, heard: voice.speaking, recording: this.filming.on },
      portrait: this.looks.portrait,
      stats: live.stats,
    };
  }

  connect(connection: Connection): void {
    this.frames = 0;
    this.stage.clear();
    this.looks.connect(connection.url);
    this.talk.begin();
    this.live.start(connection);
    this.live.session?.on("media", ({ pts, about }) => this.talk.told(pts, about));
    this.looks.again();
  }

  close(): void {
    this.speech.drop(); // before the session: what is dropped does not fail
    this.ways.closed();
    this.voice.turn(false);
    void this.filming.drop();
    this.looks.forget();
    this.live.stop();
    this.talk.clear();
  }

  /** Speak another language, or in other words. */
  reword(words: Words, language: string, direction: "ltr" | "rtl"): void {
    this.root.lang = language;
    this.root.dir = direction;
    this.texts.use(words);
  }

  /** Have a text spoken as it is written. */
  speak(text: Text): Promise<void> {
    this.begin();
    return this.speech.speak(text);
  }

  /** Have sound spoken; resolves when more is welcome. */
  push(samples: Samples, rate: number): Promise<void> {
    this.begin();
    return this.speech.push(samples, rate);
  }

  /** Be silent at once, and close the lips: what is still to be said is not. */
  interrupt(): void {
    const was = this.talk.state === "speaking";
    this.speech.drop();
    this.live.session?.interrupt();
    this.talk.clear();
    this.stage.captions.ended();
    this.show();
    this.host.emit("interrupted", { speaking: was });
  }

  /** Take a file: a picture becomes the face, sound is spoken. */
  open(file: Blob): void {
    if (file.type.startsWith("audio/")) void this.play(file);
    else void this.looks.open(file);
  }

  private async play(file: Blob): Promise<void> {
    this.begin();
    this.said.textContent = this.texts.words.say.reading;
    await this.speech.file(file).catch((error) => this.panel.failed(error, false));
  }

  /** Something is to be said. */
  private begin(): void {
    this.waking.wake();
    this.sounding.tryToListen();
  }

  /** The user began to speak, or ended. */
  private userSpeaks(on: boolean): void {
    if (this.voice.listens) {
      if (on && this.talk.state === "speaking") this.interrupt(); // barge-in
      this.panel.params.choose({ listening: on });
    }
    this.stage.listens(on);
    this.show();
    this.host.diagnosed();
  }

  private makePanel(): SessionPanel {
    return new SessionPanel(this.host, {
      fits: talks,
      opened: () => {
        this.live.opened();
        this.adopt();
      },
      switched: (message) => {
        this.live.switched(message);
        this.adopt();
      },
      stated: (state) => {
        if (state === "closed") this.ways.closed();
        this.show();
      },
      concerns: (error) => this.looks.concerns(error),
      words: (state, position) => {
        const doing = this.voice?.speaking ? "listening" : this.talk.state;
        return this.filming?.on ? this.texts.words.state.recording : stateOf(state, position, doing, this.texts.words);
      },
      noticeWords: () => noticeOf(this.texts.words),
      params: { changed: (params) => this.changed(params) },
      attributed: () => this.changed(this.panel.settings.toSend),
    });
  }

  private makeLive(): Live {
    return new Live(this.panel, null, () => this.host.worklet(), {
      picture: (picture) => {
        this.stage.paint(picture);
        this.frames += 1;
        if (this.frames === 1) this.show();
      },
      stats: () => this.host.diagnosed(),
      level: (level) => this.voice.level(level),
      heard: (piece) => this.voice.take(piece),
      silenced: () => undefined, // the stage says so while the head speaks
      microphoneFailed: (error) => this.voice.failed(error),
      error: (error) => this.panel.failed(error),
    });
  }

  private makeTalk(): Talk {
    return new Talk(() => this.live.time, {
      state: (state) => {
        this.stage.does(state);
        this.sounding.speaks(state === "speaking");
        this.voice.against(state === "speaking" && this.sounding.heard);
        this.host.emit("state", { state });
      },
      viseme: (viseme) => this.host.emit("viseme", { viseme }),
      word: (word) => {
        this.words += 1;
        this.stage.captions.word(word);
        this.host.emit("word", word);
      },
    });
  }

  /** Take the model that the session has now. */
  private adopt(): void {
    const { live, panel } = this;
    const model = panel.session?.model ?? undefined;
    this.composer.offer(panel.session?.media.track("in", "text") !== null, live.voice !== null);
    this.looks.offer(model);
    this.manner.offer(model?.params_schema);
    this.voice.offer(live.voice !== null);
    this.changed({});
    this.ways.opened();
    this.waking.opened();
    this.sounding.tryToListen();
    this.show();
  }

  private changed(params: Params): void {
    const { settings, session } = this.panel;
    if (Object.keys(params).length) session?.set(settings.fit(params));
    this.looks.show(settings.all);
    this.manner.show(settings.all);
  }

  private assemble(): HTMLElement {
    const { stage, looks, composer, voice, controls, manner, panel, said } = this;
    const row = h("div", { class: "row" }, voice.root, controls.root);
    const front = h("div", { class: "front" }, looks.consent, stage.root);
    const side = [looks.root, composer.root, row, voice.hint, manner.root, panel.notice.root, panel.models.root];
    const room = [front, h("div", { class: "side" }, ...side, panel.readout.root)];
    const root = h("div", { class: "studio head", part: "studio" }, h("div", { class: "room" }, ...room), said);
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.talk.state === "speaking") this.interrupt();
    });
    return root;
  }

  /** Show what can be done, and what is being done. */
  private show(): void {
    if (!this.root) return; // still being made
    const { state, position } = this.panel.diagnostics;
    this.panel.showState();
    const missing = missingOf(state, position, this.frames, this.texts.words);
    this.stage.miss(missing, state !== "closed");
    this.composer.talks(this.talk.state === "speaking");
    this.controls.records(this.filming.on);
    this.root.dataset["microphone"] = this.voice.state;
    this.root.toggleAttribute("data-recording", this.filming.on);
  }
}
