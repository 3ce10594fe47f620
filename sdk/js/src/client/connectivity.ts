/** Tells before a session whether a server can be reached, by which ways, and how far it is. */

import { endpoint, serverOf } from "./address.ts";
import { drop } from "./attempt.ts";
import type { Token } from "./opening.ts";
import type { Platform } from "./platform.ts";
import { SUBPROTOCOL } from "./protocol.ts";
import type { Route, Wire } from "./wire.ts";

export interface Way {
  works: boolean;
  ms: number; // until it was open; 0 where it never was
  why: string; // it does not work; else empty
}

export interface Connectivity {
  websocket: Way;
  /** `route`: how its packets go; `roundTripMs`: of the network. */
  webrtc: Way & { route: Route; roundTripMs: number };
  message: string; // a sentence to show
}

const PATIENCE_MS = 5_000; // with each way
const ROUTES: Record<Route, string> = {
  "": "",
  host: " directly",
  srflx: " through address translation",
  prflx: " through address translation",
  relay: " by a relay",
};

/** Try both ways to a server, each apart; nothing is opened on it, and no place is taken. */
export async function check(url: string, token: Token, platform: Platform): Promise<Connectivity> {
  const secret = await (typeof token === "function" ? token() : token);
  const address = endpoint(url, platform.base());
  const [websocket, webrtc] = await Promise.all([
    tried(
      () => platform.socket(address, SUBPROTOCOL),
      platform,
      async () => undefined,
    ),
    byPeer(serverOf(address), secret, platform),
  ]);
  return { websocket, webrtc, message: words(websocket, webrtc, new URL(address).host) };
}

async function byPeer(server: string, token: string, platform: Platform): Promise<Connectivity["webrtc"]> {
  const { peer } = platform;
  let [route, roundTripMs]: [Route, number] = ["", 0];
  if (!peer) return { works: false, ms: 0, why: "this browser has no WebRTC", route, roundTripMs };
  const way = await tried(
    () => peer(server, token),
    platform,
    async (wire) => {
      const stats = await wire.rtp?.stats();
      if (stats) ({ route, roundTripMs } = stats);
    },
  );
  return { ...way, route, roundTripMs };
}

/** Open a wire, look at it, and close it. */
async function tried(make: () => Wire, platform: Platform, look: (wire: Wire) => Promise<void>): Promise<Way> {
  const begun = platform.now();
  let wire: Wire;
  try {
    wire = make();
  } catch (error) {
    return { works: false, ms: 0, why: String(error) };
  }
  const why = await new Promise<string>((resolve) => {
    const stop = platform.later(() => resolve("nothing answers"), PATIENCE_MS);
    wire.onopen = () => {
      stop();
      resolve("");
    };
    wire.onclose = ({ reason }) => {
      stop();
      resolve(reason || "it was refused");
    };
  });
  const ms = why ? 0 : platform.now() - begun;
  if (!why) await look(wire);
  drop(wire, 1000);
  return { works: !why, ms, why };
}

function words(websocket: Way, webrtc: Connectivity["webrtc"], host: string): string {
  const trip = webrtc.roundTripMs ? `, ${Math.round(webrtc.roundTripMs)} ms there and back` : "";
  if (webrtc.works && websocket.works) return `WebRTC works${ROUTES[webrtc.route]}${trip}; so does the WebSocket.`;
  if (websocket.works) return `The WebSocket works; WebRTC does not: ${webrtc.why}.`;
  if (webrtc.works) return `WebRTC works${ROUTES[webrtc.route]}${trip}; the WebSocket does not: ${websocket.why}.`;
  return `The server at ${host} cannot be reached.`;
}
