/** What the model measured of the two pictures, as a frame's `data` brings it; places are 0..1 of a picture's sides. */

export type Place = readonly [x: number, y: number];
export type Box = readonly [left: number, top: number, right: number, bottom: number];
export type Places = Readonly<Record<string, Place>>;

export interface Measured {
  points: Places; // of the garment's picture
  joints: Places; // of the person's picture
  people: readonly Box[]; // who could wear it
}

export const NOTHING_MEASURED: Measured = { points: {}, joints: {}, people: [] };

/** Read a frame's data; what is not as it should be is left out. */
export function readMeasured(data: unknown): Measured {
  const { points, joints, people } = map(data);
  return {
    points: places(points),
    joints: places(joints),
    people: Array.isArray(people) ? people.filter((each): each is Box => numbers(each, 4)) : [],
  };
}

function places(given: unknown): Places {
  return Object.fromEntries(Object.entries(map(given)).filter((each): each is [string, Place] => numbers(each[1], 2)));
}

function map(given: unknown): Record<string, unknown> {
  return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
}

function numbers(given: unknown, count: number): boolean {
  return Array.isArray(given) && given.length === count && given.every((each) => Number.isFinite(each));
}
