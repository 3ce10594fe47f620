/** Whether somebody stands before a camera, told from small grey pictures alone: no network, no server. */

/** Of the pictures that are compared. */
export const WIDTH = 64;
export const HEIGHT = 48;

const CLEAR = 22; // of 255: a difference that noise and compression do not make
const SOMEBODY = 0.04; // of the picture: who is that small is too far away to try anything on
const MOVES = 0.003; // of the picture: nobody stands stiller
const LEARNS = 0.05; // of what is new becomes the empty room, each time that nobody is there
const FLICKERS = 2; // pictures in a row that show somebody before it counts

export interface WatchTimes {
  awayMs: number; // without anybody, after which they are gone
  stillMs: number; // without a movement, after which what stands there is no person
}

/** Learns what the room looks like when it is empty, and compares. */
export class Watch {
  here = false;
  private room: Float32Array | null = null;
  private before: Float32Array | null = null;
  private row = 0;
  private seenAt = 0;
  private movedAt = 0;

  constructor(private readonly times: WatchTimes) {}

  /** Look at one picture, `WIDTH` by `HEIGHT` of grey 0..255; tell whether somebody is there. */
  look(picture: Float32Array, atMs: number): boolean {
    this.room ??= picture.slice();
    const somebody = differing(this.room, picture) >= SOMEBODY;
    if (!this.before || differing(this.before, picture) >= MOVES) this.movedAt = atMs;
    this.before = picture;
    this.row = somebody ? this.row + 1 : 0;
    if (somebody) this.seenAt = atMs;
    const still = atMs - this.movedAt >= this.times.stillMs;
    if (!this.here && this.row >= FLICKERS && !still) this.here = true;
    else if (this.here && (still || atMs - this.seenAt >= this.times.awayMs)) this.gone();
    if (!this.here && !somebody) this.learn(picture, LEARNS);
    return this.here;
  }

  /** What stands there is nobody: it belongs to the room from now on. */
  gone(): void {
    this.here = false;
    this.row = 0;
    if (this.before) this.learn(this.before, 1);
  }

  private learn(picture: Float32Array, share: number): void {
    this.room?.forEach((value, i, room) => {
      room[i] = value + share * (picture[i]! - value);
    });
  }
}

/** Return the share of two pictures that differs clearly, a change of the light as a whole left out. */
export function differing(a: Float32Array, b: Float32Array): number {
  const differences = a.map((value, i) => b[i]! - value);
  const lighter = median(differences);
  let count = 0;
  for (const each of differences) if (Math.abs(each - lighter) > CLEAR) count += 1;
  return count / a.length;
}

/** Return a picture's grey (BT.601) from its RGBA. */
export function grey(rgba: Uint8ClampedArray): Float32Array {
  const made = new Float32Array(rgba.length / 4);
  for (let i = 0; i < made.length; i++)
    made[i] = 0.299 * rgba[4 * i]! + 0.587 * rgba[4 * i + 1]! + 0.114 * rgba[4 * i + 2]!;
  return made;
}

function median(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1] ?? 0;
}
