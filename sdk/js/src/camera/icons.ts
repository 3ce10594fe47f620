/** The icons of `<livedraft-camera>` alone. */

import type { Icon } from "../ui/icons.ts";

const own = (name: string, path: string): Icon => ({ name, path });

export const CLIP = own("clip", "M4 5h16v14H4zM10 9l5 3-5 3z");
export const MIRROR = own("mirror", "M12 3v18M9 7L4 17h5zM15 7l5 10h-5z");
export const MICROPHONE = own(
  "microphone",
  "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
);
export const SOUND = own("sound", "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11");
export const SILENT = own("silent", "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 10l5 5M21 10l-5 5");
export const SNAPSHOT = own("snapshot", "M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 10a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8");
export const RECORD = own("record", "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10");
export const POPOUT = own("popout", "M10 5H5v14h14v-5M13 4h7v7M20 4l-9 9");
export const EXPAND = own("expand", "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5");
export const START = own("start", "M8 5.5v13l10.5-6.5z");
export const STOP = own("stop", "M7 7h10v10H7z");
