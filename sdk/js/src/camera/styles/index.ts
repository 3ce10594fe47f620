/** The rules of `<livedraft-camera>` alone. */
/// <reference path="../../modules.d.ts" />

import camera from "./camera.css";
import looks from "./looks.css";
import strip from "./strip.css";

export const styles = camera + looks + strip;
