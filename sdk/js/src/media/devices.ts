/** Cameras, screens, microphones and clips: opened, listed, and closed. */

import type { Device } from "./refusals.ts";
import { badClip, refusal, unavailable, unseen } from "./refusals.ts";

/** What is wanted of moving pictures; a device gives what comes nearest. */
export interface Wanted {
  width: number; // px
  height: number; // px
  rate: number; // frames a second
  deviceId?: string; // of a camera; the browser's own choice if left out
}

/** Open a camera or a screen; throw a LivedraftError in the user's words. */
export function openPictures(device: "camera" | "screen", wanted: Wanted): Promise<MediaStream> {
  const { width, height, rate, deviceId } = wanted;
  const frameRate = { ideal: rate, max: Math.max(rate, 30) };
  if (device === "screen") {
    return open(device, () => navigator.mediaDevices.getDisplayMedia({ video: { frameRate }, audio: false }));
  }
  const video = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate,
    ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" }),
  };
  return open(device, () => navigator.mediaDevices.getUserMedia({ video, audio: false }));
}

/** Open a microphone, without what a talk's echo would be taken for. */
export function openMicrophone(): Promise<MediaStream> {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return open("microphone", () => navigator.mediaDevices.getUserMedia({ audio, video: false }));
}

/** Play a clip over and over in a video element; throw where the browser cannot. */
export async function playClip(video: HTMLVideoElement, clip: Blob): Promise<void> {
  const address = URL.createObjectURL(clip);
  try {
    await new Promise<void>((resolve, reject) => {
      video.onloadeddata = () => (video.videoWidth === 0 ? reject(unseen()) : resolve());
      video.onerror = () => reject(badClip());
      Object.assign(video, { srcObject: null, src: address, loop: true });
    });
    await video.play();
  } finally {
    video.onloadeddata = video.onerror = null;
    URL.revokeObjectURL(address); // it is held by the element from here on
  }
}

/** Return the cameras by name; without permission browsers tell no names. */
export async function cameras(): Promise<{ id: string; name: string }[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const found = devices.filter((each) => each.kind === "videoinput" && each.deviceId);
  return found.map((each, i) => ({ id: each.deviceId, name: each.label || `Camera ${i + 1}` }));
}

/** Hear when a stream's device goes away by itself. */
export function onEnded(stream: MediaStream, listener: () => void): void {
  for (const track of stream.getTracks()) track.addEventListener("ended", listener);
}

/** Hear when devices come or go; return how to stop. */
export function onChange(listener: () => void): () => void {
  const { mediaDevices } = navigator;
  mediaDevices?.addEventListener("devicechange", listener);
  return () => mediaDevices?.removeEventListener("devicechange", listener);
}

export function close(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop(); // says no `ended`
}

async function open(device: Device, ask: () => Promise<MediaStream>): Promise<MediaStream> {
  const missing = unavailable(device);
  if (missing) throw missing;
  try {
    return await ask();
  } catch (error) {
    throw refusal(error, device);
  }
}
