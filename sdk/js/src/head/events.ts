/** What `<livedraft-head>` tells its page. */

import type { ElementEvents } from "../ui/events.ts";
import { eventNames } from "../ui/events.ts";
import type { HeadDiagnostics } from "./host.ts";
import type { TalkState, Word } from "./talk.ts";
import type { Utterance } from "./voice/hearing.ts";

export interface HeadEvents extends ElementEvents {
  /** It began to listen, to speak, or to do neither. */
  state: { state: TalkState };
  /** The mouth took another shape. */
  viseme: { viseme: string };
  /** A word is heard. */
  word: Word;
  /** The user said something, and the page listens. */
  utterance: Utterance;
  /** It was silenced, by the page or by the user. */
  interrupted: { speaking: boolean };
  diagnostics: HeadDiagnostics;
}

export const EVENTS = eventNames<HeadEvents>({
  state: true,
  viseme: true,
  word: true,
  utterance: true,
  interrupted: true,
});
