/** `<livedraft-head>`: a face that says what is typed, spoken or streamed to it, live, and can be interrupted. */

import { beside, serverOf } from "../client/address.ts";
import type { Text } from "../client/talk.ts";
import type { LivedraftError } from "../errors.ts";
import { bytesOf } from "../media/datauri.ts";
import type { Samples } from "../media/intake.ts";
import { fetched } from "../media/pictures.ts";
import type { Connection } from "../ui/connection.ts";
import { LiveElement } from "../ui/element.ts";
import { directionOf } from "../ui/words/tables.ts";
import { EVENTS } from "./events.ts";
import type { HeadDiagnostics } from "./host.ts";
import { HeadStudio } from "./studio.ts";
import { styles } from "./styles/index.ts";
import { nearest, tableOf } from "./words/tables.ts";
import type { Wording } from "./words/words.ts";

declare const __SCRIPT__: string; // where this script came from, set by the build; empty: a page's own text

const script = __SCRIPT__;
const OWN_PARAMS = ["avatar", "voice"] as const;

/**
 * Attributes: url model models token params avatar voice portrait consent lang captions (on | off) muted listen
 * badge (on | off) transport (auto | websocket | webrtc) seed height theme. Each has a property.
 * Events: HeadEvents.
 */
export class LivedraftHead extends LiveElement {
  static readonly observedAttributes = [
    ...LiveElement.shared,
    ...OWN_PARAMS,
    ...(["portrait", "consent", "lang", "captions", "muted", "listen", "badge", "transport"] as const),
  ] as const;
  static readonly events = EVENTS;
  readonly #studio: HeadStudio;
  private wording: Wording = {};
  private server = ""; // its address

  constructor() {
    super();
    this.#studio = new HeadStudio({
      ...this.host,
      element: this,
      worklet: () => beside(script, this.server, "livedraft-microphone.js"),
    });
    this.mount(this.#studio.panel, this.#studio.root, styles);
  }

  protected override begin(): void {
    this.reword(); // to the language of the page around it
  }

  protected override end(): void {
    this.#studio.close();
  }

  protected override seen(visible: boolean): void {
    this.#studio.waking.inSight(visible);
  }

  protected override connectTo(connection: Connection): void {
    this.server = serverOf(connection.url);
    this.#studio.connect({ ...connection, model: connection.model || "head" });
    if (!this.#studio.looks.portrait) void this.show(this.getAttribute("portrait"));
  }

  protected override attributeChanged(name: string, value: string | null): void {
    const { looks, voice, panel } = this.#studio;
    if (name === "avatar" || name === "voice") panel.attribute(name, value);
    else if (name === "badge") panel.attribute("badge", value === null ? null : value !== "off");
    else if (name === "consent") looks.vouched = value !== null;
    else if (name === "portrait") void this.show(value);
    else if (name === "lang") this.reword();
    else if (name === "captions") this.#studio.sounding.captions(value !== "off");
    else if (name === "muted") this.#studio.sounding.mute(value !== null);
    else if (name === "transport") {
      this.#studio.live.by(value);
      this.reconnect();
    } else voice.listens = value !== null;
  }

  /**
   * Have a text spoken, or a stream of its parts as they are written. Resolves when all of it is on its way,
   * or it was interrupted; rejects where the stream does.
   */
  speak(text: Text): Promise<void> {
    return this.#studio.speak(text);
  }

  /**
   * Have sound spoken: mono, of any rate in Hz, in chunks of any size. Resolves when more is welcome; rejects
   * with `sound_line_full` for who pours on and on without waiting.
   */
  pushAudio(pcm: Samples, rate: number): Promise<void> {
    return this.#studio.push(pcm, rate);
  }

  /** Be silent at once, and close the lips: what is still to be said is not. */
  interrupt(): void {
    this.#studio.interrupt();
  }

  /** Take a picture as the portrait, once it was asked about, or sound to speak. */
  open(file: Blob): void {
    this.#studio.open(file);
  }

  /** Turn the microphone on, as the button does. */
  startMicrophone(): void {
    this.#studio.voice.turn(true);
  }

  stopMicrophone(): void {
    this.#studio.voice.turn(false);
  }

  /** Record what is seen and heard, until `stop`. */
  record(): void {
    this.#studio.filming.start();
  }

  /** Return the film that was being recorded, named and marked; null where none was. */
  stop(): Promise<File | null> {
    return this.#studio.filming.stop();
  }

  /** 0..1 */
  get volume(): number {
    return this.#studio.sounding.volume;
  }

  set volume(volume: number) {
    this.#studio.sounding.loud(Math.min(1, Math.max(0, Number(volume) || 0)));
  }

  /** Texts of the page's own, in place of the element's. */
  get words(): Wording {
    return this.wording;
  }

  set words(words: Wording) {
    this.wording = words ?? {};
    this.reword();
  }

  /** The connection, and what the head does; each change is an event `diagnostics`. */
  override get diagnostics(): HeadDiagnostics {
    return this.#studio.diagnostics;
  }

  private async show(address: string | null): Promise<void> {
    if (!address || !this.isConnected) return;
    try {
      const bytes = bytesOf(address); // a page's policy may forbid to fetch it
      const file = bytes ? new Blob([bytes]) : await fetched(new URL(address, document.baseURI).href);
      await this.#studio.looks.open(file);
    } catch (error) {
      this.emitError(error as LivedraftError);
    }
  }

  private reword(): void {
    const near = this.closest("[lang]")?.getAttribute("lang") ?? "";
    const language = nearest(this.getAttribute("lang") ?? near);
    this.#studio.reword(tableOf(language, this.wording), language, directionOf(language));
  }
}
