/** A verdict on how a session goes, and what holds it back; it does not change its mind with each breath. */

export type Level = "good" | "fair" | "poor";
export type Factor = "network" | "server" | "device";

export interface Quality {
  level: Level;
  limit: Factor | ""; // what keeps it from good
}

/** What was measured in the last second or so. */
export interface Measures {
  networkMs: number; // both ways
  lost: number; // 0..1, of packets
  narrow: boolean; // more was to go than the line takes
  serverMs: number; // from received to sent
  deviceMs: number; // to encode and decode a picture here
  busy: boolean; // the browser says that it cannot keep up
  seen: number; // 0..1, of the pictures that came, those that were shown
}

const LEVELS: readonly Level[] = ["good", "fair", "poor"];
const WORSE = 2; // measures in a row, before it is said to be worse
const BETTER = 5;

/** From which values on it is fair, and poor. */
const NETWORK_MS = [250, 600] as const;
const LOST = [0.03, 0.1] as const;
const SERVER_MS = [300, 800] as const;
const DEVICE_MS = [40, 120] as const;
const UNSEEN = [0.3, 0.6] as const;

export class QualityMeter {
  verdict: Quality = { level: "good", limit: "" };
  private streak: number[] = []; // grades in a row on one side of the verdict's

  /** Take a measure; return the verdict if it is another now. */
  take(measures: Measures): Quality | null {
    const grades = graded(measures);
    const worst = Math.max(...Object.values(grades));
    const now = LEVELS.indexOf(this.verdict.level);
    if (worst === now || (this.streak[0] ?? worst) > now !== worst > now) this.streak = [];
    if (worst === now) return this.limited(grades, worst);
    this.streak.push(worst);
    if (this.streak.length < (worst > now ? WORSE : BETTER)) return null;
    const next = worst > now ? Math.min(...this.streak) : Math.max(...this.streak);
    this.streak = [];
    return this.become({ level: LEVELS[next] ?? "good", limit: next ? limiting(grades) : "" });
  }

  /** The level stays; what holds it back may be something else. */
  private limited(grades: Record<Factor, number>, worst: number): Quality | null {
    const { limit } = this.verdict;
    if (!worst || (limit && grades[limit] === worst)) return null;
    return this.become({ ...this.verdict, limit: limiting(grades) });
  }

  private become(verdict: Quality): Quality {
    this.verdict = verdict;
    return verdict;
  }
}

/** Grade each factor: 0 good, 1 fair, 2 poor. */
function graded({ networkMs, lost, narrow, serverMs, deviceMs, busy, seen }: Measures): Record<Factor, number> {
  return {
    network: Math.max(grade(networkMs, NETWORK_MS), grade(lost, LOST), narrow ? 1 : 0),
    server: grade(serverMs, SERVER_MS),
    device: Math.max(grade(deviceMs, DEVICE_MS), grade(1 - seen, UNSEEN), busy ? 1 : 0),
  };
}

function grade(value: number, [fair, poor]: readonly [number, number]): number {
  return value >= poor ? 2 : value >= fair ? 1 : 0;
}

function limiting(grades: Record<Factor, number>): Factor {
  const factors = Object.keys(grades) as Factor[];
  return factors.reduce((most, each) => (grades[each] > grades[most] ? each : most));
}
