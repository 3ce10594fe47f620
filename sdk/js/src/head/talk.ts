/** What a model tells of the head as it goes: what it does, the shape of its mouth, the words that begin. */

import { browser } from "../client/platform.ts";
import type { ModelInfo, Params } from "../client/protocol.ts";

export type TalkState = "idle" | "listening" | "speaking";

/** A word, and when it is heard: µs of the session's media clock. */
export interface Word {
  text: string;
  at: number;
  until: number;
}

export interface TalkEvents {
  state(state: TalkState): void;
  viseme(viseme: string): void;
  word(word: Word): void;
}

const FAR_US = 2_000_000; // ahead of the sound, as pictures are: see Playback
const STATES: readonly unknown[] = ["idle", "listening", "speaking"];

export class Talk {
  state: TalkState = "idle";
  viseme = "sil";
  private line: { at: number; about: Params }[] = []; // for their time
  private waiting: Word[] = []; // for theirs
  private newest = -1; // µs, of what was told
  private ticking = false;

  /** `time` gives the µs that are heard now; null where nothing sounds. */
  constructor(
    private readonly time: () => number | null,
    private readonly events: TalkEvents,
    private readonly nextFrame = browser.nextFrame,
  ) {}

  /**
   * Take what a piece of sound or a picture tells as it arrives, for its time (µs): both of a time tell the
   * same, and either may be left out on the way. It comes true when it is heard.
   */
  told(at: number, about: Params): void {
    if (at <= this.newest) return;
    this.newest = at;
    this.line.push({ at, about });
    this.tick();
  }

  /** A session begins, whose clock is another. */
  begin(): void {
    this.newest = -1;
    this.clear();
  }

  /** It was interrupted, or there is no session any more: nothing of it is said. */
  clear(): void {
    this.line = [];
    this.waiting = [];
    this.become("idle");
  }

  /** Let through what is due by now; all of it where nothing sounds, or another clock runs. */
  private tick(): void {
    const time = this.time();
    const due = ({ at }: { at: number }): boolean => time === null || at <= time || at > time + FAR_US;
    while (this.line[0] && due(this.line[0])) this.comesTrue(this.line.shift()!.about);
    const now = this.waiting.filter(due);
    this.waiting = this.waiting.filter((word) => !due(word));
    for (const word of now) this.events.word(word);
    if (this.ticking || !(this.waiting.length || this.line.length)) return;
    this.ticking = true;
    this.nextFrame(() => {
      this.ticking = false;
      this.tick();
    });
  }

  private comesTrue({ state, viseme, words }: Params): void {
    if (STATES.includes(state)) this.become(state as TalkState);
    if (typeof viseme === "string" && viseme !== this.viseme) {
      this.viseme = viseme;
      this.events.viseme(viseme);
    }
    this.waiting.push(...wordsIn(words));
  }

  private become(state: TalkState): void {
    if (state === this.state) return;
    this.state = state;
    this.events.state(state);
  }
}

/** Whether a model is one that speaks: sound or text in, moving pictures out. */
export function talks({ inputs, outputs = [] }: ModelInfo): boolean {
  return inputs.some(({ name }) => name === "speech") && outputs.some(({ kind }) => kind === "video");
}

function wordsIn(given: unknown): Word[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each: unknown) => {
    const { text, at, until } = (each ?? {}) as Partial<Word>;
    if (typeof text !== "string" || !Number.isFinite(at)) return [];
    return [{ text, at: at as number, until: Number.isFinite(until) ? (until as number) : (at as number) }];
  });
}
