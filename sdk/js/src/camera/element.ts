/** `<livedraft-camera>`: a camera, a screen or a clip goes to a model, and what it makes of it comes back live. */

import { beside, serverOf } from "../client/address.ts";
import type { Connection } from "../ui/connection.ts";
import { LiveElement } from "../ui/element.ts";
import { EVENTS } from "./events.ts";
import type { CameraDiagnostics } from "./host.ts";
import { CameraStudio } from "./studio.ts";
import { styles } from "./styles/index.ts";
import { LOOKS } from "./view.ts";

declare const __SCRIPT__: string; // where this script came from, set by the build; empty: a page's own text

const script = __SCRIPT__;

/**
 * Attributes: url model models token params prompt picture-style seed strength steps size source (camera | screen)
 * view (beside | split | result) mirror (on | off) transport (auto | websocket | webrtc) codec measure muted height
 * theme. Each has a property. `measure` puts the time of its capture into a corner of each frame, and reads it in what
 * comes back.
 * Events: CameraEvents.
 */
export class LivedraftCamera extends LiveElement {
  static readonly observedAttributes = [
    ...LiveElement.shared,
    "source",
    "view",
    "mirror",
    "transport",
    "codec",
    "measure",
    "muted",
  ] as const;
  static readonly events = EVENTS;
  readonly #studio: CameraStudio;
  private server = ""; // its address

  constructor() {
    super();
    this.#studio = new CameraStudio({
      ...this.host,
      worklet: () => beside(script, this.server, "livedraft-microphone.js"),
    });
    this.mount(this.#studio.panel, this.#studio.root, styles);
  }

  protected override end(): void {
    this.#studio.close();
  }

  protected override connectTo(connection: Connection): void {
    this.server = serverOf(connection.url);
    this.#studio.connect(connection);
  }

  protected override attributeChanged(name: string, value: string | null): void {
    if (name === "source") this.#studio.choose(value === "screen" ? "screen" : "camera");
    else if (name === "view") this.#studio.taking.look(LOOKS.find((look) => look === value) ?? "beside");
    else if (name === "mirror") this.#studio.mirrored(value === null ? null : value !== "off");
    else if (name === "codec") {
      this.#studio.live.codec = value ?? "";
      this.reconnect(); // what comes down is agreed on at the beginning
    } else if (name === "transport") {
      this.#studio.live.by(value);
      this.reconnect();
    } else if (name === "measure") this.#studio.live.measure(value !== null);
    else if (name === "muted") this.#studio.mute(value !== null);
  }

  /** Ask for the source and send it, as the button does; the browser may want it within a user's press. */
  start(): void {
    this.#studio.start();
  }

  stop(): void {
    this.#studio.stop();
  }

  /** Send a clip, over and over. */
  open(clip: Blob): void {
    this.#studio.open(clip);
  }

  /** Return the picture on show as a PNG that tells its recipe; null where there is none. */
  snapshot(): Promise<File | null> {
    return this.#studio.taking.snapshot();
  }

  /** Record what is seen, with sound where there is any and the user allows it. */
  record(): Promise<void> {
    return this.#studio.taking.begin();
  }

  /** End the recording; return the film, null where none was being made. */
  stopRecording(): Promise<File | null> {
    return this.#studio.taking.filming.stop();
  }

  /** Open a window with nothing but the picture, or close it; within what the user does. */
  popOut(): void {
    this.#studio.taking.pop();
  }

  /** The connection, the source, and how fast pictures come; each change is an event `diagnostics`. */
  override get diagnostics(): CameraDiagnostics {
    return this.#studio.diagnostics;
  }
}
