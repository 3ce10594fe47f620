/** `useLivedraft`: a live session without an element, for what draws and shows by itself. */

import type { RefCallback } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ConnectOptions, Frame, LivedraftError, LiveSession, State } from "../index.ts";
import { connect } from "../index.ts";

export interface UseLivedraftOptions extends Omit<ConnectOptions, "inputs"> {
  /** Called with each frame; its `bitmap` is valid during the call. */
  onFrame?: (frame: Frame) => void;
}

export interface Livedraft {
  /** The open session: `send`, `refine`, `switch`, `on`; null on a server and before the page is shown. */
  session: LiveSession | null;
  state: State | "idle";
  /** What went wrong last; null once a session opens. */
  error: LivedraftError | null;
  /** A canvas with this as its `ref` shows each frame. */
  canvas: RefCallback<HTMLCanvasElement>;
}

/**
 * Open a session while the component is there. Another server, model, token or way of connecting opens
 * another session; other `params` are set in the one that is open.
 */
export function useLivedraft(options: UseLivedraftOptions = {}): Livedraft {
  const { onFrame, params = {}, token, ...others } = options;
  const [session, setSession] = useState<LiveSession | null>(null);
  const [state, setState] = useState<State | "idle">("idle");
  const [error, setError] = useState<LivedraftError | null>(null);
  const newest = useRef({ onFrame, params, token });
  const shown = useRef<HTMLCanvasElement | null>(null);
  const kept = typeof token === "function" ? "" : (token ?? "");
  const place = JSON.stringify([others, kept]);
  const wanted = JSON.stringify(params);
  useEffect(() => {
    newest.current = { onFrame, params, token };
  });
  useEffect(() => {
    let made: LiveSession | null = null;
    let left = false;
    // In a task of its own: StrictMode mounts twice, and one session is enough.
    queueMicrotask(() => {
      if (left) return;
      const [where] = JSON.parse(place) as [ConnectOptions];
      const { params } = newest.current;
      const token = () => {
        const { token = "" } = newest.current; // each connection asks what the page gives by then
        return typeof token === "function" ? token() : token;
      };
      made = connect({ ...where, params, token });
      made.on("state", setState);
      made.on("error", setError);
      made.on("opened", () => setError(null));
      made.on("frame", (frame) => {
        if (shown.current) paint(shown.current, frame.bitmap);
        newest.current.onFrame?.(frame);
      });
      setState(made.state);
      setSession(made);
    });
    return () => {
      left = true;
      made?.close();
      setSession(null);
      setState("idle");
    };
  }, [place]);
  useEffect(() => {
    session?.set(JSON.parse(wanted) as Record<string, unknown>);
  }, [session, wanted]);
  const canvas = useCallback<RefCallback<HTMLCanvasElement>>((element) => {
    shown.current = element;
  }, []);
  return { session, state, error, canvas };
}

function paint(canvas: HTMLCanvasElement, picture: ImageBitmap): void {
  const { width, height } = picture;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, width, height);
  context?.drawImage(picture, 0, 0);
}
