/** Test doubles of a browser's devices: streams with tracks that end, and what `navigator.mediaDevices` answers. */

import { Target } from "./dom.ts";

export class Track extends Target {
  stopped = false;
  stop(): void {
    this.stopped = true; // says no `ended`, as browsers do
  }
}

export class Stream {
  readonly tracks = [new Track()];
  constructor(readonly deviceId = "") {}
  getTracks(): Track[] {
    return this.tracks;
  }
  getVideoTracks(): { getSettings(): { deviceId: string } }[] {
    return [{ getSettings: () => ({ deviceId: this.deviceId }) }];
  }
}

export class Devices extends Target {
  asked: Record<string, unknown>[] = [];
  answer: () => Promise<Stream> = async () => new Stream();
  listed: { kind: string; deviceId: string; label: string }[] = [];

  getUserMedia(wanted: Record<string, unknown>): Promise<Stream> {
    this.asked.push(wanted);
    return this.answer();
  }
  getDisplayMedia(wanted: Record<string, unknown>): Promise<Stream> {
    return this.getUserMedia({ screen: true, ...wanted });
  }
  async enumerateDevices(): Promise<unknown[]> {
    return this.listed;
  }

  /** Take the place of the page's devices; the page is a secure one. */
  static install(): Devices {
    const devices = new Devices();
    Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: devices }, configurable: true });
    Object.assign(globalThis, { isSecureContext: true });
    return devices;
  }
}
