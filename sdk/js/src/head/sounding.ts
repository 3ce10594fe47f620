/** Whether the head is heard, or read: captions, muted, how loud, and what a browser wants before it plays any sound. */

import type { Live } from "../ui/live.ts";
import type { Controls } from "./controls.ts";
import type { Stage } from "./stage/stage.ts";

export class Sounding {
  muted = false;
  /** 0..1 */
  volume = 1;
  private speaking = false;

  constructor(
    private readonly live: Live,
    private readonly parts: { stage: Stage; controls: Controls },
    private readonly changed: () => void,
  ) {}

  /** Whether what is spoken comes out of a loudspeaker. */
  get heard(): boolean {
    return this.live.audible && !this.muted && this.volume > 0;
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.live.mute(muted);
    this.parts.controls.muted(muted);
    this.show();
  }

  loud(volume: number): void {
    this.volume = volume;
    this.live.loud(volume);
    this.parts.controls.loud(volume);
    if (this.muted && volume > 0) this.mute(false);
  }

  captions(on: boolean): void {
    this.parts.stage.captions.turn(on);
    this.parts.controls.captions(on);
  }

  /** Let it be heard, within what the user does. */
  async listen(): Promise<void> {
    await this.live.listen();
    this.show();
  }

  /** Let it be heard where the browser allows it by now: it says so to who asks in vain. */
  tryToListen(): void {
    if (navigator.userActivation?.hasBeenActive && !this.live.audible) void this.listen();
  }

  /** The head speaks, or is silent. */
  speaks(speaking: boolean): void {
    this.speaking = speaking;
    this.show();
  }

  private show(): void {
    this.parts.stage.silent(this.speaking && !this.muted && !this.live.audible);
    this.changed();
  }
}
