/** The microphone, or other sound that plays here, as packets of PCM: captured in the audio thread, 20 ms each. */

import { LivedraftError } from "../errors.ts";
import { close, onEnded, openMicrophone } from "./devices.ts";
import type { Packet } from "./packets.ts";
import { PACKET_MS, RATE } from "./packets.ts";
import type { MediaClock, Piece } from "./piece.ts";
import { PCM, toBytes } from "./piece.ts";
import { ended } from "./refusals.ts";

const LEAK_MS = 0.01; // a packet, by which the audio thread's clock may run away from the page's

/** A packet, and when it was full by the audio thread's clock, ms. */
type Timed = Packet & { time: number };

/** The way that packets take: its name, the rate that it wants, Hz, where 0 is any, and the channels; usually one. */
export interface SoundTrack {
  name: string;
  rate: number;
  channels?: number;
}

export interface MicrophoneEvents {
  piece(piece: Piece): void;
  level(level: number): void; // 0..1
  ended(error: LivedraftError): void;
}

export class Microphone {
  private offset = Infinity; // ms, from the audio thread's clock to the page's

  private constructor(
    private readonly stream: MediaStream,
    private readonly context: AudioContext,
    private readonly clock: MediaClock,
    private readonly track: SoundTrack,
    private readonly events: MicrophoneEvents,
  ) {
    onEnded(stream, () => events.ended(ended("microphone")));
  }

  /** Open the microphone; `worklet` is the address of livedraft-microphone.js. */
  static async open(
    worklet: string,
    clock: MediaClock,
    track: SoundTrack,
    events: MicrophoneEvents,
  ): Promise<Microphone> {
    return Microphone.of(await openMicrophone(), worklet, clock, track, events);
  }

  /** Hear a stream, which ends with this. */
  static async of(
    stream: MediaStream,
    worklet: string,
    clock: MediaClock,
    track: SoundTrack,
    events: MicrophoneEvents,
  ): Promise<Microphone> {
    const context = new AudioContext({ latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(worklet);
      await context.resume();
    } catch (error) {
      close(stream);
      void context.close();
      throw new LivedraftError({
        code: "media_failed",
        message: `the microphone failed: ${String(error)}`,
        fix: "allow scripts of the server in the page's policy",
        retryable: true,
      });
    }
    const microphone = new Microphone(stream, context, clock, track, events);
    const processorOptions = { rate: rateOf(track), channels: track.channels || 1 };
    const node = new AudioWorkletNode(context, "livedraft-microphone", { numberOfOutputs: 0, processorOptions });
    node.port.onmessage = ({ data }: MessageEvent<Timed>) => microphone.take(data, performance.now());
    context.createMediaStreamSource(stream).connect(node);
    return microphone;
  }

  /** Its sound as a track; null where it gives none. */
  get line(): MediaStreamTrack | null {
    return this.stream.getAudioTracks()[0] ?? null;
  }

  close(): void {
    close(this.stream);
    void this.context.close();
  }

  /**
   * Time a packet by the audio thread's clock. When it arrives here says how busy the page is; the
   * earliest that one ever arrived says where that clock stands on the page's.
   */
  private take({ samples, level, time }: Timed, now: number): void {
    this.offset = Math.min(now - time, this.offset + LEAK_MS);
    const pts = this.clock.stamp(this.track.name, time + this.offset - PACKET_MS);
    const [rate, channels] = [rateOf(this.track), this.track.channels || 1];
    const duration = PACKET_MS * 1000;
    this.events.level(level);
    this.events.piece({ pts, duration, codec: PCM, key: true, data: toBytes(samples), rate, channels });
  }
}

/** Where any rate is taken, that of speech models. */
function rateOf({ rate }: SoundTrack): number {
  return rate || RATE;
}
