/** `useLivedraft`: a live session without an element, for what draws and shows by itself. */
import type { RefCallback } from "react";
import type { ConnectOptions, Frame, LivedraftError, LiveSession, State } from "../livedraft.mjs";
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
export declare function useLivedraft(options?: UseLivedraftOptions): Livedraft;
