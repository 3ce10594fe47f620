/** What the inside of `<livedraft-head>` needs of the element around it, and tells of itself. */

import type { PlayerStats } from "../client/player.ts";
import type { SessionDiagnostics } from "../ui/diagnostics.ts";
import type { Host } from "../ui/host.ts";
import type { TalkState } from "./talk.ts";

export interface HeadHost extends Host {
  readonly element: HTMLElement;
  worklet(): string; // the address of the microphone's script
}

/** `asking`: the browser asks the user; `held`: only as long as a button is. */
export type MicrophoneState = "off" | "asking" | "on" | "held";

/** The detail of the event `diagnostics`, and the property of that name; nothing of it shows anybody. */
export interface HeadDiagnostics extends SessionDiagnostics {
  talking: TalkState;
  viseme: string;
  frames: number; // that were painted
  words: number; // that were heard
  audible: boolean; // the browser plays sound
  microphone: MicrophoneState;
  heard: boolean; // somebody speaks
  recording: boolean;
  portrait: boolean; // that of the user speaks, and no avatar
  stats: PlayerStats | null;
}
