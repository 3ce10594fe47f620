/** What a session needs of the browser, in one place so that tests can stand in for it. */

import { PeerSocket } from "./peer_socket.ts";
import type { Wire } from "./wire.ts";

export interface Platform {
  socket(address: string, protocol: string): Wire;
  /** Call a server by WebRTC; null where the browser has none. */
  peer: ((server: string, token: string) => Wire) | null;
  date(): number; // ms since 1970, by a clock that goes on while the machine sleeps
  now(): number; // ms, of the same clock as `event.timeStamp`
  random(): number;
  later(run: () => void, ms: number): () => void; // returns how to call it off
  nextFrame(run: () => void): void; // before the next paint, soon where nothing is painted
  decode(image: Uint8Array, mime: string): Promise<ImageBitmap>;
  onWake(run: () => void): () => void; // the page or the network came back, or went; returns how to stop
  base(): string;
}

export const browser: Platform = {
  socket: (address, protocol) => {
    const socket = new WebSocket(address, protocol);
    socket.binaryType = "arraybuffer";
    return socket;
  },
  peer:
    typeof RTCPeerConnection === "undefined" ? null : (server, token) => new PeerSocket(server, token, browser.later),
  date: Date.now,
  now: () => performance.now(),
  random: Math.random,
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  nextFrame: (run) => {
    // A hidden page paints nothing and would never call back.
    if (document.visibilityState === "hidden") setTimeout(run, 50);
    else requestAnimationFrame(run);
  },
  decode: (image, mime) => {
    const data = image as Uint8Array<ArrayBuffer>;
    // Half the time of the way through a blob; but it blurs a JPEG's colours, which stay as YUV.
    if (mime !== "image/jpeg" && typeof ImageDecoder !== "undefined") return decodeWith(data, mime);
    return createImageBitmap(new Blob([data], { type: mime }));
  },
  onWake: (run) => {
    const events: [EventTarget, string][] = [
      [window, "online"],
      [window, "offline"],
      [window, "pageshow"],
      [document, "visibilitychange"],
      [document, "resume"],
    ];
    const seen = (): void => {
      if (document.visibilityState === "visible") run();
    };
    for (const [target, name] of events) target.addEventListener(name, seen);
    return () => events.forEach(([target, name]) => target.removeEventListener(name, seen));
  },
  base: () => document.baseURI,
};

/** Decode by WebCodecs, which browsers have on pages of https and of this machine. */
async function decodeWith(data: Uint8Array<ArrayBuffer>, type: string): Promise<ImageBitmap> {
  const decoder = new ImageDecoder({ data, type });
  try {
    const { image } = await decoder.decode();
    try {
      return await createImageBitmap(image);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}
