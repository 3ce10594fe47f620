/** The change of a session's model: from the question to the server's answer, over breaks. */

import { LivedraftError } from "../errors.ts";
import type { ModelInfo, Opened, Params, Switched } from "./protocol.ts";

/** What a session goes on with; pictures are by the names of that model, encoded as it reads them. */
export interface Change {
  model: string;
  params: Params;
  inputs: Record<string, Uint8Array>;
}

interface Asked extends Change {
  id: number | null; // null: not sent yet
  resolve(told: Switched): void;
  reject(error: LivedraftError): void;
}

export class Switching {
  private asked: Asked | null = null; // of the server, or the next to be
  private next: Asked | null = null; // waits until that is answered

  /** Whether one still has to be sent. */
  get waiting(): boolean {
    return this.asked?.id === null;
  }

  /** Whether one went and is not answered: what goes meanwhile would be judged by either model. */
  get sent(): boolean {
    return this.asked !== null && this.asked.id !== null;
  }

  /** Ask for a model; one that was asked for before and did not go is given up. */
  ask(change: Change): Promise<Switched> {
    return new Promise((resolve, reject) => {
      const asked = { ...change, id: null, resolve, reject };
      if (this.sent) {
        this.next?.reject(superseded());
        this.next = asked;
      } else {
        this.asked?.reject(superseded());
        this.asked = asked;
      }
    });
  }

  /** Note that it goes under this id, and return it. */
  take(id: number): Change {
    const { asked } = this;
    if (!asked) throw new Error("nothing was asked for");
    asked.id = id;
    return asked;
  }

  /** Take the server's answer, and return what was asked for. */
  answered(told: Switched): Change {
    const { asked } = this;
    if (asked?.id !== told.id) return { model: told.model.id, params: {}, inputs: {} };
    this.goOn();
    asked.resolve(told);
    return asked;
  }

  /** The server refused it, if it was this: nothing has changed. */
  failed(id: number, error: LivedraftError): void {
    const { asked } = this;
    if (asked?.id !== id) return;
    this.goOn();
    asked.reject(error);
  }

  /**
   * Begin on a new connection. What was not answered is asked for again, unless the session goes on with
   * that model: then the answer alone was lost, and this returns what it would have been.
   */
  opened(message: Opened, before: ModelInfo | null): Switched | null {
    const { asked } = this;
    if (!asked || asked.id === null) return null;
    const { model, params, tracks = [], resumed } = message;
    if (resumed && model.id === asked.model && model.id !== before?.id)
      return { type: "switched", id: asked.id, model, params, tracks };
    asked.id = null;
    if (this.next) {
      asked.reject(superseded());
      this.goOn();
    }
    return null;
  }

  /** Nothing comes of any. */
  end(error: LivedraftError): void {
    for (const each of [this.asked, this.next]) each?.reject(error);
    this.asked = this.next = null;
  }

  private goOn(): void {
    this.asked = this.next;
    this.next = null;
  }
}

/** The server is older than the message, or was not asked for the feature. */
export function unable(): LivedraftError {
  return new LivedraftError({
    code: "version_mismatch",
    message: "this session cannot change its model",
    fix: "connect with 'models' to a server that has the feature, or open another session",
  });
}

/** Return pictures by the names of another model's inputs; the first goes to the first. */
export function renamed<T>(things: ReadonlyMap<string, T>, of: ModelInfo | null, to: ModelInfo): Map<string, T> {
  const names = pictureNames(to);
  const found = new Map(names.flatMap((name): [string, T][] => (things.has(name) ? [[name, things.get(name)!]] : [])));
  const [first] = names;
  const [before] = of ? pictureNames(of) : [];
  if (first !== undefined && before !== undefined && !found.has(first) && things.has(before))
    found.set(first, things.get(before)!);
  return found;
}

function pictureNames({ inputs }: ModelInfo): string[] {
  return inputs.filter(({ kind }) => kind === undefined || kind === "image").map(({ name }) => name);
}

function superseded(): LivedraftError {
  return new LivedraftError({ code: "superseded", message: "another model was asked for", retryable: true });
}
