/** The rules of `<livedraft-tryon>` alone. */
/// <reference path="../../modules.d.ts" />

import catalogue from "./catalogue.css";
import controls from "./controls.css";
import room from "./room.css";
import shop from "./shop.css";
import stage from "./stage.css";
import tools from "./tools.css";

export const styles = room + stage + tools + controls + catalogue + shop;
