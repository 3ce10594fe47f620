/** The rules of `<livedraft-camera>` alone. */
/// <reference path="../../modules.d.ts" />

import camera from "./camera.css";

export const styles = camera;
