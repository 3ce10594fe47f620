/** A kiosk's eye: a camera at a low rate that tells who comes and who has left, on this device alone. */

import { h } from "../../ui/dom.ts";
import type { WatchTimes } from "./watch.ts";
import { grey, HEIGHT, Watch, WIDTH } from "./watch.ts";

export interface PresenceOptions extends Partial<WatchTimes> {
  everyMs?: number; // between looks
  camera?: () => Promise<MediaStream>;
  /** Have the last word on whether what came is a person, such as a server's model `pose`. */
  confirm?: (seen: HTMLCanvasElement) => Promise<boolean>;
}

const AWAY_MS = 10_000;
const STILL_MS = 90_000;
const EVERY_MS = 400;
const SHAPE = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 10 } };

/** Events: `arrive` and `leave`; `failed`, with the reason as its detail, where there is no camera any more. */
export class Presence extends EventTarget {
  private readonly watch: Watch;
  private readonly video = h("video", { muted: true, playsinline: true });
  private readonly seen = h("canvas", { width: WIDTH, height: HEIGHT });
  private readonly everyMs: number;
  private stream: MediaStream | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private here = false;
  private turn = 0; // of starts, so that what was begun before a stop ends there

  constructor(private readonly options: PresenceOptions = {}) {
    super();
    const { awayMs = AWAY_MS, stillMs = STILL_MS, everyMs = EVERY_MS } = options;
    this.watch = new Watch({ awayMs, stillMs });
    this.everyMs = everyMs;
    this.video.muted = true;
  }

  /** Ask for the camera and look, until `stop`. */
  async start(): Promise<void> {
    const turn = ++this.turn;
    try {
      const stream = await (this.options.camera ?? camera)();
      if (turn !== this.turn) return stop(stream);
      this.stream = stream;
      stream.getVideoTracks()[0]?.addEventListener("ended", () => this.failed(new Error("the camera was taken away")));
      this.video.srcObject = stream;
      await this.video.play();
      if (turn === this.turn) this.look(turn);
    } catch (error) {
      if (turn === this.turn) this.failed(error);
    }
  }

  /** Let go of the camera; nobody is there any more. */
  stop(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    stop(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.watch.gone();
    this.here = false;
  }

  private look(turn: number): void {
    const context = this.seen.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(this.video, 0, 0, WIDTH, HEIGHT);
    const here = this.watch.look(grey(context.getImageData(0, 0, WIDTH, HEIGHT).data), performance.now());
    void this.tell(here, turn).then(() => {
      if (turn === this.turn) this.timer = setTimeout(() => this.look(turn), this.everyMs);
    });
  }

  private async tell(here: boolean, turn: number): Promise<void> {
    if (here === this.here) return;
    if (here && !(await this.confirmed())) return this.watch.gone();
    if (turn !== this.turn) return;
    this.here = here;
    this.dispatchEvent(new CustomEvent(here ? "arrive" : "leave"));
  }

  /** Ask for the last word; where it cannot be had, what moved counts. */
  private async confirmed(): Promise<boolean> {
    const { confirm } = this.options;
    if (!confirm) return true;
    const { videoWidth: width, videoHeight: height } = this.video;
    const whole = h("canvas", { width, height });
    whole.getContext("2d")!.drawImage(this.video, 0, 0, width, height);
    try {
      return await confirm(whole);
    } catch {
      return true;
    } finally {
      whole.width = whole.height = 0; // its pixels are let go at once
    }
  }

  private failed(error: unknown): void {
    this.stop();
    this.dispatchEvent(new CustomEvent("failed", { detail: { reason: String(error) } }));
  }
}

function camera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: SHAPE });
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
