/** `<LivedraftCamera>`: a camera, a screen or a clip goes to a model, and what it makes comes back live. */
import type { CameraEvents } from "../livedraft-camera.mjs";
import { LivedraftCamera as Camera } from "../livedraft-camera.mjs";
import type { Component, Props } from "./element.mjs";
export type LivedraftCameraProps = Props<(typeof Camera.observedAttributes)[number], CameraEvents>;
export declare const LivedraftCamera: Component<Camera, LivedraftCameraProps>;
