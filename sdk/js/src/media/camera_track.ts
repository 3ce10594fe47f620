/** Frames of a video element as a track for WebRTC, in a shape of one's own: the browser encodes them. */

import type { Format, Mark, Outflow } from "./capture.ts";
import { eachFrame, fill, SLACK } from "./capture.ts";

export class CameraTrack implements Outflow {
  captured = 0;
  readonly skipped = 0; // the browser sends fewer where the line is narrow, and says it in its measures
  readonly codec = "";
  readonly track: MediaStreamTrack;
  private readonly stop: () => void;
  private last = -Infinity; // ms, of the newest that went

  constructor(video: HTMLVideoElement, { width, height, rate }: Format, mark: Mark = () => undefined) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d", { alpha: false })!;
    fill(pen, video, width, height); // what there is already, so that the first frame is no black one
    const stream = canvas.captureStream(0); // frames go as they are asked for
    this.track = stream.getVideoTracks()[0]!;
    this.track.contentHint = "motion";
    this.stop = eachFrame(video, (at) => {
      if (at - this.last < (SLACK * 1000) / rate) return;
      this.last = at;
      this.captured += 1;
      fill(pen, video, width, height);
      mark(pen, at);
      (this.track as CanvasCaptureMediaStreamTrack).requestFrame();
    });
  }

  key(): void {
    // RTP asks the browser by itself
  }

  fallBack(): void {
    // nor is there another codec than that agreed on
  }

  close(): void {
    this.stop();
    this.track.stop();
  }
}
