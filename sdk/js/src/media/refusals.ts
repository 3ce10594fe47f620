/** Why there is no camera, screen or microphone, in the user's words, and what to do about it. */

import { LivedraftError } from "../errors.ts";

export type Device = "camera" | "screen" | "microphone" | "clip";

const NAMES: Record<Device, string> = {
  camera: "the camera",
  screen: "the screen",
  microphone: "the microphone",
  clip: "this clip",
};

/** Tell why a device cannot be had, from what the browser threw. */
export function refusal(error: unknown, device: Device): LivedraftError {
  if (error instanceof LivedraftError) return error;
  const name = NAMES[device];
  const kind = error instanceof Error ? error.name : "";
  if (kind === "NotAllowedError" && device === "screen") {
    return refused("media_denied", "no screen was shared", "press Start again and choose a window or a screen");
  }
  if (kind === "NotAllowedError" || kind === "SecurityError") {
    return refused(
      "media_denied",
      `this page may not use ${name}`,
      `allow ${name} in the browser's address bar, then press Start again`,
    );
  }
  if (kind === "NotFoundError" || kind === "OverconstrainedError") {
    return refused("media_missing", `no ${device} was found`, `connect a ${device}, or choose another source`);
  }
  if (kind === "NotReadableError" || kind === "AbortError") {
    return refused(
      "media_busy",
      `${name} does not start: another program may be using it`,
      "close that program, then press Start again",
    );
  }
  return refused(
    "media_failed",
    `${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    "press Start again, or choose another source",
  );
}

/** Tell that a browser, or the way the page is served, has no such device at all; null if it has. */
export function unavailable(device: Device): LivedraftError | null {
  if (device === "clip") return null;
  if (!isSecureContext) {
    return refused(
      "media_insecure",
      `the browser gives ${NAMES[device]} to secure pages alone`,
      "open the page by https://, or on this machine by http://localhost",
      false,
    );
  }
  const has = device === "screen" ? "getDisplayMedia" : "getUserMedia";
  if (navigator.mediaDevices && has in navigator.mediaDevices) return null;
  return refused(
    "media_unsupported",
    `this browser gives pages no ${device}`,
    "choose another source, or use another browser",
    false,
  );
}

/** Tell that a device went away while it was in use. */
export function ended(device: Device): LivedraftError {
  if (device === "screen")
    return refused("media_ended", "sharing the screen was ended", "press Start to share it again");
  return refused("media_ended", `${NAMES[device]} was taken away`, `connect the ${device} again, then press Start`);
}

export function badClip(): LivedraftError {
  return refused("media_unsupported", "this browser cannot play the clip", "drop an MP4 or WebM file");
}

/** Tell that a clip is of sound alone. */
export function unseen(): LivedraftError {
  return refused("media_unsupported", "this clip has no pictures", "open one that has");
}

function refused(code: string, message: string, fix: string, retryable = true): LivedraftError {
  return new LivedraftError({ code, message, fix, retryable });
}
