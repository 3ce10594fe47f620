/** What a model tells of the head with each picture: what it does, the shape of its mouth, the words that begin. */

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

const STATES: readonly unknown[] = ["idle", "listening", "speaking"];

export class Talk {
  state: TalkState = "idle";
  viseme = "sil";
  private waiting: Word[] = []; // for their time
  private newest = -1; // µs, of the words that came
  private ticking = false;

  /** `time` gives the µs that are heard now; null where nothing sounds. */
  constructor(
    private readonly time: () => number | null,
    private readonly events: TalkEvents,
    private readonly nextFrame = browser.nextFrame,
  ) {}

  /** Take what a picture told, whose time has come. */
  told(about: Params): void {
    const { state, viseme } = about;
    if (STATES.includes(state)) this.become(state as TalkState);
    if (typeof viseme === "string" && viseme !== this.viseme) {
      this.viseme = viseme;
      this.events.viseme(viseme);
    }
  }

  /**
   * Take the words that a piece brings, of sound or picture, as it arrives: either may be left out on the
   * way. They wait until they are heard.
   */
  words(about: Params): void {
    const found = wordsIn(about["words"]).filter(({ at }) => at > this.newest);
    if (!found.length) return;
    this.newest = Math.max(...found.map(({ at }) => at));
    this.waiting.push(...found);
    this.tick();
  }

  /** A session begins, whose clock is another. */
  begin(): void {
    this.newest = -1;
    this.clear();
  }

  /** It was interrupted, or there is no session any more: nothing of it is said. */
  clear(): void {
    this.waiting = [];
    this.become("idle");
  }

  /** Let words through whose time has come; all of them where nothing sounds. */
  private tick(): void {
    const time = this.time();
    const due = (word: Word): boolean => time === null || word.at <= time;
    const now = this.waiting.filter(due);
    this.waiting = this.waiting.filter((word) => !due(word));
    for (const word of now) this.events.word(word);
    if (!this.waiting.length || this.ticking) return;
    this.ticking = true;
    this.nextFrame(() => {
      this.ticking = false;
      this.tick();
    });
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
