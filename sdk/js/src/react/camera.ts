/** `<LivedraftCamera>`: a camera, a screen or a clip goes to a model, and what it makes comes back live. */

import type { CameraEvents } from "../camera.ts";
import { LivedraftCamera as Camera } from "../camera.ts";
import type { Component, Props } from "./element.ts";
import { component } from "./element.ts";

export type LivedraftCameraProps = Props<(typeof Camera.observedAttributes)[number], CameraEvents>;

export const LivedraftCamera: Component<Camera, LivedraftCameraProps> = component("livedraft-camera", Camera);
