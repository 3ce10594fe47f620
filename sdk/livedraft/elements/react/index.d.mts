/** livedraft for React: a component of each element, and a hook. */
export type { LivedraftCameraProps } from "./camera.mjs";
export { LivedraftCamera } from "./camera.mjs";
export type { LivedraftHeadProps } from "./head.mjs";
export { LivedraftHead } from "./head.mjs";
export type { Livedraft, UseLivedraftOptions } from "./session.mjs";
export { useLivedraft } from "./session.mjs";
export type { LivedraftSketchProps } from "./sketch.mjs";
export { LivedraftSketch } from "./sketch.mjs";
export type { LivedraftTryonProps } from "./tryon.mjs";
export { LivedraftTryon } from "./tryon.mjs";
