/** Text as it is being written, on its way up, and the word that takes back what is being said. */

import { LivedraftError, sessionClosed } from "../errors.ts";
import { MediaClock } from "../media/piece.ts";
import type { Line } from "./media.ts";
import type { Opened, Track } from "./protocol.ts";

/** A text, or its pieces as they come, as of a language model. */
export type Text = string | Iterable<string> | AsyncIterable<string>;

const CODEC = "utf-8";
const PART = 8192; // characters of one message
const MOST_WAITING = 1_000_000; // characters, while no session is open
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;
const END = ""; // of what is being said

export class Talk {
  private able = false; // whether the server knows of text and interruptions
  private closed = false;
  private waiting: string[] = []; // pieces that a broken line did not take yet
  private turn = 0; // counts interruptions, so that what was begun before is told apart
  private saying: Promise<void> = Promise.resolve(); // texts go one after the other
  private readonly clock: MediaClock;
  private begin = (): void => undefined; // to speak, once a session is open
  private readonly open = new Promise<void>((resolve) => {
    this.begin = resolve;
  });

  constructor(
    private readonly line: Pick<Line, "send" | "nextId" | "now">,
    private readonly track: () => Track | null,
  ) {
    this.clock = new MediaClock(line.now());
  }

  /** Begin on a new connection. */
  opened({ features = [] }: Opened): void {
    this.able = features.includes("talk");
    this.begin();
    this.flush();
  }

  /** Another model takes text on a track of its own, or none. */
  switched(): void {
    this.waiting = [];
  }

  /** Say a text after those before it; resolves when all of it has gone, or was taken back. */
  speak(text: Text): Promise<void> {
    const { turn } = this;
    const said = this.saying.then(() => this.say(text, turn));
    this.saying = said.catch(() => undefined);
    return said;
  }

  /**
   * Take back what did not go, and tell the server; return the id from which on answers are wanted, null
   * where nothing went: then no connection is open, and nothing is under way.
   */
  interrupt(): number | null {
    this.turn += 1;
    this.waiting = [];
    this.saying = Promise.resolve();
    const id = this.line.nextId();
    // An older server ends at `cancel` what has no end; what it makes next answers a greater id all the same.
    const went = this.line.send(this.able ? { type: "interrupt", id } : { type: "cancel" });
    return went ? id : null;
  }

  /** Nothing goes any more. */
  close(): void {
    this.turn += 1;
    this.waiting = [];
    this.closed = true;
    this.begin();
  }

  private async say(text: Text, turn: number): Promise<void> {
    await this.open;
    if (this.closed) throw sessionClosed();
    this.check();
    const parts = typeof text === "string" ? [text] : text;
    let half = ""; // of a surrogate pair, whose other half comes with the next piece
    for await (const part of parts) {
      if (turn !== this.turn) return;
      const [whole, rest] = wholeCharacters(half + part);
      half = rest;
      this.put(whole.replace(CONTROLS, " "));
    }
    if (turn !== this.turn) return;
    this.put(half);
    this.waiting.push(END);
    this.flush();
  }

  private put(text: string): void {
    if (this.waiting.reduce((sum, each) => sum + each.length, text.length) > MOST_WAITING) throw tooMuch();
    for (let at = 0; at < text.length; ) {
      const [part] = wholeCharacters(text.slice(at, at + PART));
      const piece = part || text.slice(at, at + PART); // a lone half, which is sent as U+FFFD
      this.waiting.push(piece);
      at += piece.length;
    }
    this.flush();
  }

  private check(): void {
    if (!this.able) throw unable();
    if (!this.track()) throw mute();
  }

  private flush(): void {
    const track = this.track();
    if (!track) return;
    while (this.waiting.length) {
      const [text] = this.waiting as [string];
      const pts = this.clock.stamp(track.name, this.line.now());
      const data = new TextEncoder().encode(text);
      const id = this.line.nextId();
      const piece = { track: track.name, id, pts, duration: 0, codec: CODEC, key: true, data };
      if (!this.line.send({ type: "media", ...piece })) return;
      this.waiting.shift();
    }
  }
}

/** Return a text without the half of a character at its end, and that half. */
function wholeCharacters(text: string): [string, string] {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? [text.slice(0, -1), text.slice(-1)] : [text, ""];
}

function unable(): LivedraftError {
  return new LivedraftError({
    code: "version_mismatch",
    message: "this server takes no text",
    fix: "update the server, or send sound",
  });
}

function mute(): LivedraftError {
  return new LivedraftError({
    code: "invalid_media",
    message: "the model takes no text",
    fix: "choose a model that speaks, as 'head'",
  });
}

function tooMuch(): LivedraftError {
  return new LivedraftError({
    code: "invalid_media",
    message: `more than ${MOST_WAITING} characters wait to be sent`,
    fix: "wait for the session to open",
    retryable: true,
  });
}
