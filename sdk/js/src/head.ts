/** What a page gets of livedraft-head: the element `<livedraft-head>`, a file of its own. */

import { LivedraftHead as Head } from "./head/element.ts";
import { define } from "./ui/element.ts";

export type { Text } from "./client/talk.ts";
export { LivedraftError } from "./errors.ts";
export type { HeadEvents } from "./head/events.ts";
export type { HeadDiagnostics, MicrophoneState } from "./head/host.ts";
export type { TalkState, Word } from "./head/talk.ts";
export type { Utterance } from "./head/voice/hearing.ts";
export type { Wording } from "./head/words/words.ts";
export type { Samples } from "./media/intake.ts";
export type { AttributeValues } from "./ui/attributes.ts";

/** The element's class; where a page has two versions of this script, that of the first. */
export const LivedraftHead = define("livedraft-head", Head);
export type LivedraftHead = Head;

declare global {
  interface HTMLElementTagNameMap {
    "livedraft-head": Head;
  }
}
