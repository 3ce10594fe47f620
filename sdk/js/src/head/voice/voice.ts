/** The user's voice: the microphone on, or while a button is held, and what of it is speech. */

import { browser } from "../../client/platform.ts";
import type { LivedraftError } from "../../errors.ts";
import type { Piece } from "../../media/piece.ts";
import { h, show } from "../../ui/dom.ts";
import type { Live } from "../../ui/live.ts";
import type { MicrophoneState } from "../host.ts";
import type { Texts } from "../words/words.ts";
import type { Utterance } from "./hearing.ts";
import { Hearing } from "./hearing.ts";
import { Mic } from "./mic.ts";

export interface VoiceEvents {
  began(): void;
  ended(): void;
  utterance(utterance: Utterance): void;
  level(level: number): void; // 0..1
  changed(): void;
  failed(error: LivedraftError): void;
}

const STAYS_MS = 8_000; // open after the button was let go: the next word would lose its beginning

export class Voice {
  state: MicrophoneState = "off";
  /** Says what to do, while the microphone is on. */
  readonly hint = h("p", { class: "mic-hint", hidden: true });
  private readonly mic: Mic;
  private readonly hearing: Hearing;
  private opened = false; // or being opened
  private closing: (() => void) | null = null;

  constructor(
    private readonly texts: Texts,
    private readonly live: Live,
    private readonly events: VoiceEvents,
  ) {
    this.hearing = new Hearing({
      speech: (on) => (on ? events.began() : events.ended()),
      utterance: (utterance) => events.utterance(utterance),
    });
    this.mic = new Mic(texts, { turn: (on) => this.turn(on), hold: (on) => this.hold(on) });
    texts.say(() => this.say());
  }

  get root(): HTMLElement {
    return this.mic.root;
  }

  get speaking(): boolean {
    return this.hearing.speaking;
  }

  /** Whether what is said is for the page, and not for the head to say. */
  get listens(): boolean {
    return this.hearing.listens;
  }

  set listens(on: boolean) {
    this.hearing.listens = on;
    this.say();
  }

  /** Offer it where the model takes sound. */
  offer(on: boolean): void {
    this.mic.offer(on);
    if (!on) this.turn(false);
    else if (this.opened) void this.live.speak(); // of another model's track
  }

  /** Turn the microphone on or off. */
  turn(on: boolean): void {
    if (on) this.open("on");
    else this.close();
  }

  /** The head is heard meanwhile. */
  against(speaker: boolean): void {
    this.hearing.against = speaker;
  }

  level(level: number): void {
    this.hearing.hear(level);
    this.mic.level(level);
    this.events.level(this.speaking ? level : 0);
  }

  take(piece: Piece): readonly Piece[] {
    if (this.state === "asking") this.become(this.hearing.held ? "held" : "on");
    return this.state === "on" || this.hearing.held ? this.hearing.take(piece) : [];
  }

  /** The microphone is not to be had, or was taken away. */
  failed(error: LivedraftError): void {
    this.close();
    this.events.failed(error);
  }

  private hold(on: boolean): void {
    this.closing?.();
    this.closing = null;
    const stays = this.state === "on";
    if (on) {
      if (!stays) this.open("held");
      this.hearing.hold(true);
      return;
    }
    this.hearing.hold(false);
    if (stays || !this.opened) return;
    this.become("off");
    this.closing = browser.later(() => this.close(), STAYS_MS);
  }

  private open(state: "on" | "held"): void {
    this.closing?.();
    this.closing = null;
    void this.live.listen(); // within the user's press, as browsers want it
    if (this.opened) return this.become(state);
    this.opened = true;
    this.become("asking");
    void this.live.speak();
  }

  private close(): void {
    this.closing?.();
    this.closing = null;
    this.hearing.stop();
    if (this.opened) this.live.quiet();
    this.opened = false;
    this.become("off");
  }

  private become(state: MicrophoneState): void {
    this.state = state;
    this.mic.on(state === "on" || state === "asking");
    this.say();
    this.events.changed();
  }

  private say(): void {
    const { microphone } = this.texts.words;
    const ready = this.hearing.listens ? microphone.agent : microphone.ready;
    this.hint.textContent = this.state === "asking" ? microphone.asking : ready;
    show(this.hint, this.state !== "off");
  }
}
