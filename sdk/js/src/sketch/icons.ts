/** The icons of `<livedraft-sketch>` alone: of the mask. */

import type { Icon } from "../ui/icons.ts";

const own = (name: string, path: string): Icon => ({ name, path });

export const MASK = own(
  "mask",
  "M4 4h16v16H4zM12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM9.2 14.8l5.6-5.6M8 12.2l3.8-3.8M12.2 16l3.8-3.8",
);
export const UNMASK = own("unmask", "M4 4h16v16H4zM12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10 12h4");
export const INVERT = own("invert", "M4 4h16v16H4zM12 4v16M12 8l-4 4M12 13l-4 4M12 18l-2 2M12 4L4 12M8 4L4 8M4 17l4-4");
export const CLEAR_MASK = own("clear-mask", "M4 4h16v16H4zM9 9l6 6M15 9l-6 6");
export const TAKE = own("take", "M20 5v14M16 12H4M9 6.5L3.5 12 9 17.5");
