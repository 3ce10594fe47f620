/** The icons of `<livedraft-head>` alone. */

import type { Icon } from "../ui/icons.ts";

const own = (name: string, path: string): Icon => ({ name, path });

export const MICROPHONE = own(
  "microphone",
  "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
);
export const HOLD = own(
  "hold",
  "M8 11V6.5a1.5 1.5 0 0 1 3 0V11m0-1V4.5a1.5 1.5 0 0 1 3 0V11m0-4a1.5 1.5 0 0 1 3 0v7a6 6 0 0 1-6 6c-2.5 0-3.7-1-5-3l-2.2-3.6a1.4 1.4 0 0 1 2.3-1.6L8 14",
);
export const SOUND = own("sound", "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11");
export const SILENT = own("silent", "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 10l5 5M21 10l-5 5");
export const CAPTIONS = own("captions", "M4 5.5h16v13H4zM7.5 14.5h5M15 14.5h1.5M7.5 11h2M12 11h4.5");
export const RECORD = own("record", "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z");
export const STOP = own("stop", "M7 7h10v10H7z");
export const SPEAK = own("speak", "M4 12h.01M8 9v6M12 5.5v13M16 8.5v7M20 12h.01");
export const FILE = own(
  "file",
  "M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
);
export const PORTRAIT = own(
  "portrait",
  "M12 4.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20a7.5 7.5 0 0 1 15 0M19 4v5M16.5 6.5h5",
);
export const FACE = own("face", "M12 4.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20a7.5 7.5 0 0 1 15 0");
