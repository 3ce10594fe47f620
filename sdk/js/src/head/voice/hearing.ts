/**
 * What is heard of the user: the microphone's packets, of which only speech goes on. It moves the head, or
 * where the page listens, it is handed over as what was said, and the head looks attentive.
 */

import { PACKET_MS } from "../../media/packets.ts";
import type { Piece } from "../../media/piece.ts";
import { SpeechGate } from "../../media/speech.ts";

/** What somebody said, for an agent: 16 bits, mono. */
export interface Utterance {
  pcm: Int16Array;
  rate: number; // Hz
  durationMs: number;
}

export interface HearingEvents {
  /** Somebody began to speak, or ended. */
  speech(on: boolean): void;
  utterance(utterance: Utterance): void;
}

const MOST_MS = 60_000; // of one utterance; what is longer comes in several
const LEAST_MS = 250; // of speech, with what was kept before it; shorter is a cough

export class Hearing {
  /** Whether what is said is for the page, and not for the head to say. */
  listens = false;
  /** Whether a button is held: all is speech. */
  held = false;
  private readonly gate = new SpeechGate<Piece>();
  private said: Piece[] = [];
  private level = 0;

  constructor(private readonly events: HearingEvents) {}

  /** Whether somebody speaks. */
  get speaking(): boolean {
    return this.held || this.gate.speaking;
  }

  /** The head is heard meanwhile: what a loudspeaker gives back is no speech. */
  set against(speaker: boolean) {
    this.gate.strict = speaker;
  }

  /** Take the level, 0..1, of the packet that comes next. */
  hear(level: number): void {
    this.level = level;
  }

  /** Take a packet; return what of the sound the head is to say. */
  take(piece: Piece): readonly Piece[] {
    if (this.held) return this.keep([piece]);
    const { speech, change } = this.gate.push(piece, this.level);
    if (change === "began") this.events.speech(true);
    const goesOn = this.keep(speech);
    if (change === "ended") this.end();
    return goesOn;
  }

  /** The button is held, or let go. */
  hold(on: boolean): void {
    if (on === this.held) return;
    const spoke = this.gate.reset();
    this.held = on;
    if (on && !spoke) this.events.speech(true);
    if (!on) this.end();
  }

  /** The microphone is off: what was said until now was said. */
  stop(): void {
    const spoke = this.gate.reset() || this.held;
    this.held = false;
    if (spoke) this.end();
  }

  private keep(speech: readonly Piece[]): readonly Piece[] {
    if (!this.listens) return speech;
    this.said.push(...speech);
    if (this.said.length * PACKET_MS >= MOST_MS) this.handOver();
    return [];
  }

  private end(): void {
    this.events.speech(false);
    this.handOver();
  }

  private handOver(): void {
    const said = this.said.splice(0);
    const durationMs = said.length * PACKET_MS;
    if (durationMs < LEAST_MS) return;
    this.events.utterance({ pcm: samplesOf(said), rate: said[0]!.rate ?? 0, durationMs });
  }
}

function samplesOf(pieces: readonly Piece[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, { data }) => sum + data.length / 2, 0));
  let at = 0;
  for (const { data } of pieces) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let i = 0; i + 1 < data.length; i += 2) all[at++] = view.getInt16(i, true);
  }
  return all;
}
