/** Where moving pictures come from: a camera, a screen, a window or a clip, shown as it comes. */

import type { LivedraftError } from "../errors.ts";
import type { Wanted } from "../media/devices.ts";
import { close, onEnded, openPictures, playClip } from "../media/devices.ts";
import { ended, refusal } from "../media/refusals.ts";
import { h } from "./dom.ts";

export type SourceKind = "camera" | "screen" | "clip";

/** `asking`: the browser asks the user; `failed`: it gave nothing, or what it gave went away. */
export type SourceState = "idle" | "asking" | "live" | "stopped" | "failed";

export interface SourceEvents {
  state(state: SourceState): void;
  failed(error: LivedraftError): void;
}

export class Source {
  readonly video = h("video", { class: "preview", muted: true, playsinline: true, "aria-label": "What is sent" });
  kind: SourceKind = "camera";
  deviceId = ""; // of the camera; empty: the browser's choice
  state: SourceState = "idle";
  private stream: MediaStream | null = null;
  private clip: Blob | null = null;
  private turn = 0; // so that a late answer of the browser's is told apart

  constructor(private readonly events: SourceEvents) {
    this.video.muted = true; // the attribute alone does not
  }

  /** Ask for the source; it is live once a frame is there. */
  async start(wanted: Wanted): Promise<void> {
    this.release();
    const turn = ++this.turn;
    this.become("asking");
    try {
      if (this.kind === "clip") await this.play();
      else await this.open(this.kind, wanted, turn);
      if (turn === this.turn) this.become("live");
    } catch (error) {
      if (turn !== this.turn) return; // stopped, or started anew meanwhile
      this.release();
      this.become("failed");
      this.events.failed(refusal(error, this.kind));
    }
  }

  stop(): void {
    this.turn += 1;
    this.release();
    if (this.state !== "idle") this.become("stopped");
  }

  /** Take a clip as the source. */
  take(clip: Blob): void {
    this.kind = "clip";
    this.clip = clip;
  }

  /** The id of the camera that films; empty where none does. */
  get usedId(): string {
    return this.stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  get hasClip(): boolean {
    return this.clip !== null;
  }

  private async open(kind: "camera" | "screen", wanted: Wanted, turn: number): Promise<void> {
    const stream = await this.ask(kind, wanted);
    if (turn !== this.turn) return close(stream);
    this.stream = stream;
    onEnded(stream, () => {
      if (stream !== this.stream) return;
      this.release();
      this.become("failed");
      this.events.failed(ended(kind));
    });
    this.video.srcObject = stream;
    await this.video.play();
  }

  /** Ask for the camera that was chosen; where it is gone, for any. */
  private async ask(kind: "camera" | "screen", wanted: Wanted): Promise<MediaStream> {
    const { deviceId } = this;
    if (!deviceId) return openPictures(kind, wanted);
    return openPictures(kind, { ...wanted, deviceId }).catch((error: LivedraftError) => {
      if (error.code !== "media_missing") throw error;
      this.deviceId = "";
      return openPictures(kind, wanted);
    });
  }

  private async play(): Promise<void> {
    if (this.clip) await playClip(this.video, this.clip);
  }

  private release(): void {
    close(this.stream);
    this.stream = null;
    this.video.pause();
    this.video.srcObject = null;
    this.video.removeAttribute("src");
    this.video.load(); // or the last frame stays on show
  }

  private become(state: SourceState): void {
    this.state = state;
    this.events.state(state);
  }
}
