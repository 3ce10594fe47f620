/** The microphone's way to a session: opened, encoded where that is wanted, and let go. */

import type { LivedraftError } from "../errors.ts";
import type { SoundTrack } from "../media/microphone.ts";
import { Microphone } from "../media/microphone.ts";
import type { MediaClock, Piece } from "../media/piece.ts";
import { Voice } from "../media/voice.ts";

export interface MicrophoneLineEvents {
  level(level: number): void; // 0..1
  /** Return what of the sound goes up; all of it where nobody says otherwise. */
  heard?(piece: Piece): readonly Piece[];
  microphoneFailed(error: LivedraftError): void;
}

export class MicrophoneLine {
  private microphone: Microphone | null = null;
  private voice: Voice | null = null; // what the sound is encoded by
  private asked = 0; // for a microphone, so that a late one is told apart

  constructor(
    private readonly worklet: () => string,
    private readonly clock: MediaClock,
    private readonly events: MicrophoneLineEvents,
  ) {}

  /** Send the microphone's sound from now on, in Opus or as it is. */
  async open(track: SoundTrack, opus: boolean, go: (piece: Piece) => void): Promise<void> {
    this.close();
    const asked = ++this.asked;
    const send = (piece: Piece): void => {
      if (asked === this.asked) go(piece); // else of a track of before
    };
    const voice = opus ? new Voice(send) : null;
    this.voice = voice;
    try {
      const microphone = await Microphone.open(this.worklet(), this.clock, track, {
        piece: (piece) => {
          for (const each of this.events.heard?.(piece) ?? [piece]) voice ? voice.push(each) : send(each);
        },
        level: (level) => this.events.level(level),
        ended: (error) => this.events.microphoneFailed(error),
      });
      if (asked === this.asked) this.microphone = microphone;
      else microphone.close();
    } catch (error) {
      if (asked === this.asked) this.events.microphoneFailed(error as LivedraftError);
    }
  }

  /** The open microphone's sound as a track; null where none is open. */
  get track(): MediaStreamTrack | null {
    return this.microphone?.line ?? null;
  }

  /** Send no more sound. */
  close(): void {
    this.asked += 1;
    this.voice?.close();
    this.voice = null;
    this.microphone?.close();
    this.microphone = null;
    this.events.level(0);
  }
}
