/** `<livedraft-camera>`: a camera, a screen or a clip goes to a model, and what it makes of it comes back live. */

import { serverOf } from "../client/address.ts";
import type { Params } from "../client/protocol.ts";
import { PARAMS, readAttribute } from "../ui/attributes.ts";
import type { Connection } from "../ui/element.ts";
import { LiveElement } from "../ui/element.ts";
import type { CameraDiagnostics } from "./host.ts";
import { CameraStudio } from "./studio.ts";
import { styles } from "./styles/index.ts";

declare const __SCRIPT__: string; // where this script came from, set by the build; empty: a page's own text

const script = __SCRIPT__;

/**
 * Attributes: url model models token prompt picture-style seed strength steps size source (camera | screen)
 * mirror (on | off) codec muted height theme. Each has a property.
 * Events: ready start stop input frame error diagnostics.
 */
export class LivedraftCamera extends LiveElement {
  static readonly observedAttributes = [
    ...LiveElement.shared,
    ...Object.keys(PARAMS),
    "source",
    "mirror",
    "codec",
    "muted",
  ];
  private readonly studio: CameraStudio;
  private server = ""; // its address

  constructor() {
    super();
    this.studio = new CameraStudio({
      emit: (name, detail) => this.emit(name, detail),
      failed: (error) => this.tell(error),
      retry: () => this.connect(),
      pick: (model) => this.pick(model),
      choosesModel: () => this.choosesModel,
      worklet: () => new URL("livedraft-microphone.js", script || `${this.server}/`).href,
    });
    this.mount(this.studio.root, styles);
  }

  protected begin(): void {
    // it connects; the camera waits for Start
  }

  protected end(): void {
    this.studio.close();
  }

  protected seen(): void {
    // what is sent is the user's to stop; a browser itself gives no frames to what is out of sight
  }

  protected connectTo(connection: Connection): void {
    this.server = serverOf(connection.url);
    this.studio.connect(connection);
  }

  protected attributeChanged(name: string, value: string | null): void {
    if (name === "source") this.studio.choose(value === "screen" ? "screen" : "camera");
    else if (name === "mirror") this.studio.mirrored(value === null ? null : value !== "off");
    else if (name === "codec") this.studio.live.codec = value ?? "";
    else if (name === "muted") this.studio.mute(value !== null);
    else if (name in PARAMS) this.paramAttribute(name, value);
  }

  /** Ask for the source and send it, as the button does; the browser may want it within a user's press. */
  start(): void {
    this.studio.start();
  }

  stop(): void {
    this.studio.stop();
  }

  /** Send a clip, over and over. */
  open(clip: Blob): void {
    this.studio.open(clip);
  }

  /** All params as they stand; setting merges key by key. */
  get params(): Params {
    return this.studio.params.settings.all;
  }

  set params(params: Params) {
    const given = Object.entries(params ?? {}).filter(([, value]) => value !== undefined && value !== null);
    this.studio.setParams(Object.fromEntries(given));
  }

  /** The connection, the source, and how fast pictures come; each change is an event `diagnostics`. */
  get diagnostics(): CameraDiagnostics {
    return this.studio.diagnostics;
  }

  private paramAttribute(name: string, value: string | null): void {
    const read = value === null ? null : readAttribute(name, value);
    if (read === undefined) return;
    this.studio.params.settings.attribute(PARAMS[name] ?? name, read);
    this.studio.refreshParams();
  }
}
