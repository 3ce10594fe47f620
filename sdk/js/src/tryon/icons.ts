/** The icons of `<livedraft-tryon>` alone. */

import type { Icon } from "../ui/icons.ts";

const own = (name: string, path: string): Icon => ({ name, path });

export const CAMERA = own("camera", "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z");
export const MIRROR = own("mirror", "M12 3v18M9 7L4 17h5zM15 7l5 10h-5z");
export const POINTS = own("points", "M6 6h.01M18 6h.01M6 18h.01M18 18h.01M6 9v6M18 9v6M9 6h6M9 18h6");
export const BODY = own(
  "body",
  "M12 3.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM12 10v6M12 10.5L6 13M12 10.5L18 13M12 16l-3.5 5M12 16l3.5 5",
);
export const FORGET = own(
  "forget",
  "M4 4l16 16M9.9 5.3A9 9 0 0 1 21 12a13 13 0 0 1-2.3 3M6.5 7A13 13 0 0 0 3 12a9.6 9.6 0 0 0 12.6 5.6M10 10a2.9 2.9 0 0 0 4 4",
);
export const GARMENT = own(
  "garment",
  "M8.5 4L4 6.5 5.5 11l2-.8V20h9v-9.800l2 .8L20 6.500 15.500 4a3.500 3.500 0 0 1-7 0z",
);
