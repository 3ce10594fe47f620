/** What is told of a call's packets is of what came since the last time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PeerTracks } from "../../src/client/peer_tracks.ts";

/** A peer connection whose counters a test sets. */
class Counted {
  packetsLost = 0;
  packetsReceived = 0;

  addTransceiver(): object {
    return { receiver: {}, sender: {} };
  }

  async getStats(): Promise<Map<string, object>> {
    const { packetsLost, packetsReceived } = this;
    return new Map([["in", { id: "in", type: "inbound-rtp", kind: "video", packetsLost, packetsReceived }]]);
  }
}

test("a second in which packets are lost shows, however long none were before", async () => {
  const peer = new Counted();
  const tracks = new PeerTracks(peer as unknown as RTCPeerConnection);
  peer.packetsReceived = 30_000;
  assert.equal((await tracks.stats()).lost, 0);
  Object.assign(peer, { packetsReceived: 30_080, packetsLost: 20 });
  assert.equal((await tracks.stats()).lost, 0.2);
  peer.packetsReceived = 30_180;
  assert.equal((await tracks.stats()).lost, 0);
});
