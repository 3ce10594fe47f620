/** What a session tells of itself. */

import type { LivedraftError } from "../errors.ts";
import type { LinkState } from "./link.ts";
import type { Loading, LorasMessage, MediaMessage, Opened, Params, Progress, Switched } from "./protocol.ts";
import type { Quality } from "./quality.ts";
import type { Frame, ShownPicture } from "./showing.ts";
import type { Stats } from "./stats.ts";
import type { Via } from "./upgrade.ts";

export type State = LinkState | "generating";

export interface SessionEvents {
  opened: Opened;
  switched: Switched; // the model that drafts from now on
  frame: Frame;
  shown: ShownPicture;
  state: State;
  stats: Stats;
  ack: { id: number; params: Params };
  refused: { refused: Params; params: Params }; // a param, and those that this side wants now
  error: LivedraftError;
  loading: Loading; // how far a model is that the session waits for
  progress: Progress; // how far what is final is, and when nothing more comes of it
  queued: number;
  key: string; // a track of ours, whose next frame is to be a key frame
  loras: LorasMessage; // that the model has now
  media: MediaMessage; // to be confirmed through `LiveSession.media`
  transport: { transport: Via; why: string }; // it goes by this from now on, and why not by WebRTC
  quality: Quality; // the verdict on how sound and moving pictures go, when it is another
  interrupted: number; // the id from which on answers are wanted; what is played is of before
}
