/** livedraft for React: a component of each element, and a hook. */

export type { LivedraftCameraProps } from "./camera.ts";
export { LivedraftCamera } from "./camera.ts";
export type { LivedraftHeadProps } from "./head.ts";
export { LivedraftHead } from "./head.ts";
export type { Livedraft, UseLivedraftOptions } from "./session.ts";
export { useLivedraft } from "./session.ts";
export type { LivedraftSketchProps } from "./sketch.ts";
export { LivedraftSketch } from "./sketch.ts";
export type { LivedraftTryonProps } from "./tryon.ts";
export { LivedraftTryon } from "./tryon.ts";
