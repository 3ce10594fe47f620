/** Sound and moving pictures of a peer connection, and what the browser measures of them. */

import type { Kind, Route, Rtp, RtpStats } from "./wire.ts";

const START_KBPS = 1_500; // before the line is known; browsers begin with 300, which a face is blurred by

type Report = Record<string, unknown>;

export class PeerTracks implements Rtp {
  private readonly ways: ReadonlyMap<Kind, RTCRtpTransceiver>;
  private readonly before = new Map<string, number>(); // counters, as they stood the last time

  constructor(private readonly peer: RTCPeerConnection) {
    const kinds: Kind[] = ["video", "audio"];
    this.ways = new Map(kinds.map((kind) => [kind, peer.addTransceiver(kind, { direction: "sendrecv" })]));
    // Shown as it comes: who looks at themselves rather misses a frame than sees all late.
    for (const { receiver } of this.ways.values()) Object.assign(receiver, { jitterBufferTarget: 0 });
  }

  send(kind: Kind, track: MediaStreamTrack | null): void {
    void this.ways.get(kind)?.sender.replaceTrack(track);
  }

  received(): MediaStream {
    return new MediaStream([...this.ways.values()].map(({ receiver }) => receiver.track));
  }

  /** Send nothing more. */
  stop(): void {
    for (const kind of this.ways.keys()) this.send(kind, null);
  }

  /** Return the server's answer so that pictures are sharp from the first on, where a browser hears of it. */
  begun(answer: string): string {
    return answer.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/g, (line, type: string) => {
      return `${line}a=fmtp:${type} x-google-start-bitrate=${START_KBPS}\r\n`;
    });
  }

  async stats(): Promise<RtpStats> {
    const all = new Map<string, Report>();
    (await this.peer.getStats()).forEach((report: Report) => all.set(String(report["id"]), report));
    const find = (type: string, kind = ""): Report =>
      [...all.values()].find((each) => each["type"] === type && (!kind || each["kind"] === kind)) ?? {};
    const [sent, came] = [find("outbound-rtp", "video"), find("inbound-rtp", "video")];
    const pair = all.get(String(find("transport")["selectedCandidatePairId"])) ?? {};
    const own = all.get(String(pair["localCandidateId"])) ?? {};
    const [lost, received] = [this.since(came, "packetsLost"), this.since(came, "packetsReceived")];
    const held = sent["qualityLimitationReason"];
    return {
      roundTripMs: 1000 * number(pair["currentRoundTripTime"]),
      route: (own["candidateType"] as Route | undefined) ?? "",
      lost: lost > 0 ? lost / (lost + received) : 0,
      bufferMs: this.mean(came, "jitterBufferDelay", "jitterBufferEmittedCount"),
      encodeMs: this.mean(sent, "totalEncodeTime", "framesEncoded"),
      decodeMs: this.mean(came, "totalDecodeTime", "framesDecoded"),
      held: held === "cpu" || held === "bandwidth" ? held : "",
    };
  }

  /** Return how much a counter grew since the last time. */
  private since(report: Report, name: string): number {
    const key = `${String(report["id"])} ${name}`;
    const now = number(report[name]);
    const grown = now - (this.before.get(key) ?? 0);
    this.before.set(key, now);
    return grown;
  }

  /** Return the mean of what was summed up in s, in ms. */
  private mean(report: Report, sum: string, count: string): number {
    const [s, n] = [this.since(report, sum), this.since(report, count)];
    return n > 0 ? (1000 * s) / n : 0;
  }
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
