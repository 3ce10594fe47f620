/** What a session talks over: a WebSocket, or WebRTC with tracks beside its messages. */

export type Kind = "audio" | "video";

/** A connection that carries whole messages; a WebSocket is one. */
export interface Wire {
  readonly readyState: number; // 0 connecting, 1 open, 2 closing, 3 closed
  readonly bufferedAmount: number;
  readonly rtp?: Rtp | null; // of WebRTC
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent<ArrayBuffer>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** Sound and moving pictures beside the messages, one track of a kind each way. */
export interface Rtp {
  /** Send a track from now on, in place of any before; null: nothing. */
  send(kind: Kind, track: MediaStreamTrack | null): void;
  /** What comes from the server. */
  received(): MediaStream;
  stats(): Promise<RtpStats>;
}

/** What the browser measured; times are means since the last time that it was asked, ms. */
export interface RtpStats {
  roundTripMs: number; // of the network
  route: Route;
  lost: number; // 0..1, of what came since the last time
  bufferMs: number; // for which pictures waited here, so that they come evenly
  encodeMs: number; // of a picture
  decodeMs: number;
  held: "" | "cpu" | "bandwidth"; // what keeps the browser from sending all that there is
}

/** How packets go: between the machines' own addresses, through address translation, or by a relay. */
export type Route = "" | "host" | "srflx" | "prflx" | "relay";
