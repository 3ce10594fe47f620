/** Whether the model plays: as long as somebody looks, or something is said. Nobody looks at a face out of sight. */

import type { SessionPanel } from "../ui/session_panel.ts";

export class Waking {
  private seen = true;
  private awake = false;

  /** `busy` says whether the head is needed all the same. */
  constructor(
    private readonly panel: SessionPanel,
    private readonly busy: () => boolean,
  ) {}

  /** The element came into sight or went out of it. */
  inSight(seen: boolean): void {
    this.seen = seen;
    if (seen) return this.wake();
    if (!this.awake || this.busy()) return;
    this.awake = false;
    this.panel.session?.cancel(); // what has no end by itself
  }

  /** A session opened, where the model does not play yet. */
  opened(): void {
    this.awake = false;
    if (this.seen || this.busy()) this.wake();
  }

  /** Have the model play: one that has no required input begins with its params. */
  wake(): void {
    const { session, settings } = this.panel;
    if (this.awake || !session?.model) return;
    this.awake = true;
    session.set(settings.fit(settings.all));
  }
}
