/** The rules of `<livedraft-head>` alone. */
/// <reference path="../../modules.d.ts" />

import controls from "./controls.css";
import faces from "./faces.css";
import stage from "./stage.css";

export const styles = stage + faces + controls;
