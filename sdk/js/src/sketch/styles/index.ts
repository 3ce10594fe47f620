/** The rules of `<livedraft-sketch>` alone. */
/// <reference path="../../modules.d.ts" />

import gallery from "./gallery.css";
import kept from "./kept.css";
import paper from "./paper.css";
import toolbar from "./toolbar.css";

export const styles = paper + toolbar + gallery + kept;
