/** What the head is to say: text as it is written, sound as it comes, files; and the end of all of it. */

import type { LiveSession } from "../client/session.ts";
import type { Text } from "../client/talk.ts";
import { LivedraftError } from "../errors.ts";
import type { Samples } from "../media/intake.ts";
import { decodeSound, MOST_MINUTES } from "../media/soundfile.ts";
import type { Drain } from "./voice/pouring.ts";
import { Pouring } from "./voice/pouring.ts";

/** The session's ways for speech. */
export interface SpeechWays extends Drain {
  /** Resolve with the session once it is open; reject where none will be. */
  open(): Promise<Pick<LiveSession, "speak" | "interrupt">>;
  readonly rate: number; // Hz, of sound
}

export class Speech {
  private readonly pouring: Pouring;
  private turn = 0; // of interruptions, so that what was meant before is told apart

  constructor(private readonly ways: SpeechWays) {
    this.pouring = new Pouring(ways, () => ways.rate);
  }

  /** Have a text spoken, after those before it; resolves when all of it is on its way, or it was interrupted. */
  async speak(text: Text): Promise<void> {
    await this.meanwhile(async (meant) => {
      const session = await this.ways.open();
      if (meant()) await session.speak(text);
    });
  }

  /** Have sound spoken; resolves when more is welcome. */
  async push(samples: Samples, rate: number): Promise<void> {
    await this.meanwhile(async (meant) => {
      await this.ways.open();
      if (meant()) await this.pouring.push(samples, rate);
    });
  }

  /** Have a sound file spoken; throws `invalid_sound` or `sound_too_long`. */
  async file(file: Blob): Promise<void> {
    await this.meanwhile(async (meant) => {
      await this.ways.open();
      const decoded = await decodeSound(file, this.ways.rate);
      if (decoded === "invalid_sound") throw refused(decoded, "this is no sound", "use a WAV, MP3, OGG or M4A");
      if (decoded === "sound_too_long") throw refused(decoded, "this is too long", `at most ${MOST_MINUTES} minutes`);
      const { samples, rate } = decoded;
      for (let at = 0; at < samples.length && meant(); at += rate)
        await this.pouring.push(samples.subarray(at, at + rate), rate);
    });
  }

  /** Throw away all that is still to be said here; what went already is the session's. */
  drop(): void {
    this.turn += 1;
    this.pouring.drop();
  }

  /** Do what is still meant; what fails after it was dropped is no failure. */
  private async meanwhile(act: (meant: () => boolean) => Promise<void>): Promise<void> {
    const { turn } = this;
    const meant = (): boolean => turn === this.turn;
    try {
      await act(meant);
    } catch (error) {
      if (meant()) throw error;
    }
  }
}

function refused(code: string, message: string, fix: string): LivedraftError {
  return new LivedraftError({ code, message, fix });
}
