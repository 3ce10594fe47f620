/** A session's line for media: what goes up beside its drawing, on the link that it has at the time. */

import type { Link } from "./link.ts";
import type { Line } from "./media.ts";
import type { Outbox } from "./outbox.ts";
import type { Platform } from "./platform.ts";
import type { Switching } from "./switching.ts";

interface Parts {
  link(): Link;
  outbox: Outbox;
  switching: Switching;
  platform: Platform;
}

export function lineOf({ link, outbox, switching, platform }: Parts): Line {
  return {
    send: (message) => {
      if (link().state === "idle") link().retry();
      if (message.type === "media" && switching.sent) return false; // of tracks that may be none now
      return link().send(message);
    },
    held: () => link().held,
    prefer: (codecs) => link().prefer(codecs),
    nextId: () => outbox.nextId(),
    now: () => platform.now(),
    rtp: () => link().rtp,
    raise: () => link().raise(),
  };
}
