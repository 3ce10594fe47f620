/**
 * Tells speech from the room around it by its energy: against a floor that follows the room, with a
 * threshold to begin and a lower one to end, and with what was said just before it was known.
 */

import { PACKET_MS } from "./packets.ts";

export type Change = "began" | "ended" | null;

/** What to do with a packet: those that are speech, and whether it begins or ends with them. */
export interface Verdict<Packet> {
  speech: readonly Packet[];
  change: Change;
}

const BEGIN_DB = 12; // over the floor
const END_DB = 6;
const LEAST_DB = -46; // of full scale: nothing softer is taken for speech
const STRICT_DB = 6; // more is asked for while a loudspeaker speaks, too
const BEGIN_MS = 60; // of loud packets: a click is shorter
const STRICT_MS = 120;
const END_MS = 600; // of soft ones: a pause between words is shorter
const BEFORE_MS = 300; // that is kept: the soft beginning of a word
const LEARN_MS = 200; // from the beginning, in which the softest is taken for the room
const ROOM_DB = -45; // no louder, though: somebody may be speaking already

export class SpeechGate<Packet> {
  /** Whether somebody speaks. */
  speaking = false;
  /** Whether to believe only what is clearly nearer than a loudspeaker of this machine. */
  strict = false;
  private floor = ROOM_DB;
  private knownMs = 0; // of the room
  private loudMs = 0;
  private softMs = 0;
  private before: Packet[] = [];

  /** Take a packet of 20 ms and its level, 0..1 (root mean square). */
  push(packet: Packet, level: number): Verdict<Packet> {
    const db = 20 * Math.log10(Math.max(level, 1e-5));
    this.follow(db);
    return this.speaking ? this.goOn(packet, db) : this.wait(packet, db);
  }

  /** Begin anew; tell whether somebody was speaking. */
  reset(): boolean {
    const was = this.speaking;
    this.speaking = false;
    this.loudMs = this.softMs = 0;
    this.before = [];
    return was;
  }

  private wait(packet: Packet, db: number): Verdict<Packet> {
    const more = this.strict ? STRICT_DB : 0;
    const loud = db >= Math.max(this.floor + BEGIN_DB, LEAST_DB) + more;
    this.loudMs = loud ? this.loudMs + PACKET_MS : Math.max(0, this.loudMs - PACKET_MS);
    this.before.push(packet);
    if (this.before.length > BEFORE_MS / PACKET_MS) this.before.shift();
    if (this.loudMs < (this.strict ? STRICT_MS : BEGIN_MS)) return { speech: [], change: null };
    const speech = this.before;
    this.reset();
    this.speaking = true;
    return { speech, change: "began" };
  }

  private goOn(packet: Packet, db: number): Verdict<Packet> {
    const soft = db < Math.max(this.floor + END_DB, LEAST_DB - (BEGIN_DB - END_DB));
    this.softMs = soft ? this.softMs + PACKET_MS : 0;
    if (this.softMs < END_MS) return { speech: [packet], change: null };
    this.reset();
    return { speech: [packet], change: "ended" };
  }

  /** Sink to the room at once, rise to it slowly, and hardly at all while somebody speaks. */
  private follow(db: number): void {
    this.knownMs += PACKET_MS;
    if (this.knownMs <= LEARN_MS) this.floor = Math.min(this.floor, db);
    const rate = db < this.floor ? 0.3 : this.speaking ? 0.002 : 0.02;
    this.floor += rate * (db - this.floor);
  }
}
