/** The rules of `<livedraft-sketch>` alone. */
/// <reference path="../../modules.d.ts" />

import gallery from "./gallery.css";
import toolbar from "./toolbar.css";

export const styles = toolbar + gallery;
