/** What a session needs of the browser, in one place so that tests can stand in for it. */

export interface Platform {
  socket(address: string, protocol: string): WebSocket;
  now(): number; // ms, of the same clock as `event.timeStamp`
  random(): number;
  later(run: () => void, ms: number): () => void; // returns how to call it off
  nextFrame(run: () => void): void; // before the next paint, soon where nothing is painted
  decode(image: Uint8Array, mime: string): Promise<ImageBitmap>;
  onWake(run: () => void): () => void; // the network or the page came back; returns how to stop
  base(): string;
}

export const browser: Platform = {
  socket: (address, protocol) => {
    const socket = new WebSocket(address, protocol);
    socket.binaryType = "arraybuffer";
    return socket;
  },
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
  decode: (image, mime) =>
    createImageBitmap(new Blob([image as Uint8Array<ArrayBuffer>], { type: mime })),
  onWake: (run) => {
    window.addEventListener("online", run);
    document.addEventListener("visibilitychange", run);
    return () => {
      window.removeEventListener("online", run);
      document.removeEventListener("visibilitychange", run);
    };
  },
  base: () => document.baseURI,
};
