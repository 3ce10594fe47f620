/** WebRTC that looks like a WebSocket: whole messages over a data channel, and tracks beside it. */

import { PeerTracks } from "./peer_tracks.ts";
import type { Platform } from "./platform.ts";
import type { Wire } from "./wire.ts";

const LABEL = "livedraft";
const PART_BYTES = 60_000; // of a message: SCTP carries 64 KiB at once
const GATHER_MS = 300; // for addresses, before those that there are go; later ones follow
const PARTING_MS = 1_000; // for the last words
const BROKEN = 1006; // as a WebSocket calls it

export class PeerSocket implements Wire {
  readyState = 0;
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  rtp: PeerTracks | null = null; // once there is a peer
  private peer: RTCPeerConnection | null = null;
  private channel: RTCDataChannel | null = null;
  private resource = ""; // the peer's own address at the server
  private tag = ""; // of its addresses
  private late: RTCIceCandidate[] = []; // addresses that were found when the offer was gone, and are still to follow
  private parts: Uint8Array[] = []; // of a message whose end is to come

  /** Call a server, at its address without a slash at the end. */
  constructor(
    private readonly server: string,
    private readonly token: string,
    private readonly later: Platform["later"],
  ) {
    this.call().catch((error: unknown) => this.end(String(error)));
  }

  get bufferedAmount(): number {
    return this.channel?.bufferedAmount ?? 0;
  }

  /** Send a message, in parts of which each says whether more of it follows. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < Math.max(1, bytes.length); at += PART_BYTES) {
      const part = bytes.subarray(at, at + PART_BYTES);
      const framed = new Uint8Array(part.length + 1);
      framed[0] = at + PART_BYTES < bytes.length ? 1 : 0;
      framed.set(part, 1);
      this.channel?.send(framed);
    }
  }

  /** End, once what was sent is there. */
  close(): void {
    if (this.readyState > 1) return;
    this.rtp?.stop();
    if (this.readyState === 0) return this.end(""); // nothing stands: the server is told by HTTP
    this.readyState = 2;
    if (this.channel?.readyState !== "open") return this.end("");
    this.channel.onclose = () => this.end("");
    this.channel.close();
    this.later(() => this.end(""), PARTING_MS);
  }

  private async call(): Promise<void> {
    const asked = await this.ask("/v1/ice-servers");
    const { webrtc, iceServers } = (await asked.json()) as { webrtc: boolean; iceServers: RTCIceServer[] };
    if (!webrtc) throw new Error("the server has no WebRTC");
    if (this.readyState > 1) return;
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.peer = peer;
    this.rtp = new PeerTracks(peer);
    this.listen(peer.createDataChannel(LABEL));
    peer.onconnectionstatechange = () => {
      // The session goes on at once over another connection, so the first sign is enough.
      if (["disconnected", "failed", "closed"].includes(peer.connectionState)) this.end("the network is gone");
    };
    await peer.setLocalDescription();
    await this.gathered(peer);
    const body = peer.localDescription?.sdp ?? "";
    peer.onicecandidate = ({ candidate }) => candidate && this.follow(candidate);
    const answer = await this.ask("/v1/webrtc", { method: "POST", body }, "application/sdp");
    this.resource = `/v1/webrtc/${answer.headers.get("location")?.split("/").at(-1) ?? ""}`;
    this.tag = answer.headers.get("etag") ?? "";
    if (this.peer !== peer) return this.forget();
    await peer.setRemoteDescription({ type: "answer", sdp: this.rtp.begun(await answer.text()) });
    for (const candidate of this.late.splice(0)) this.follow(candidate);
  }

  private listen(channel: RTCDataChannel): void {
    this.channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onopen = (event) => {
      if (this.readyState > 0) return;
      this.readyState = 1;
      this.onopen?.(event);
    };
    channel.onclose = () => this.end("the server closed the connection");
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.take(new Uint8Array(data));
  }

  private take(framed: Uint8Array): void {
    this.parts.push(framed.subarray(1));
    if (framed[0]) return;
    const parts = this.parts.splice(0);
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.onmessage?.(new MessageEvent("message", { data: whole.buffer }));
  }

  /** Wait until this side's addresses are known, or for a while. */
  private gathered(peer: RTCPeerConnection): Promise<void> {
    if (peer.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
      this.later(resolve, GATHER_MS);
    });
  }

  /** Tell the server of an address that was found later (RFC 8840). */
  private follow(candidate: RTCIceCandidate): void {
    if (!this.resource) return void this.late.push(candidate);
    const body = `a=ice-ufrag:${candidate.usernameFragment}\r\na=mid:${candidate.sdpMid}\r\na=${candidate.candidate}\r\n`;
    const headers = { "If-Match": this.tag };
    this.ask(this.resource, { method: "PATCH", body, headers }, "application/trickle-ice-sdpfrag").catch(
      () => undefined,
    );
  }

  private async ask(path: string, init: RequestInit = {}, type = ""): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token) headers.set("Authorization", `Bearer ${this.token}`);
    if (type) headers.set("Content-Type", type);
    const answer = await fetch(this.server + path, { ...init, headers });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
    return answer;
  }

  /** Have the server let its end go, too. */
  private forget(): void {
    if (this.resource) this.ask(this.resource, { method: "DELETE", keepalive: true }).catch(() => undefined);
    this.resource = "";
  }

  private end(reason: string): void {
    if (this.readyState === 3) return;
    const [told, opened] = [this.readyState < 2, this.readyState > 0];
    this.readyState = 3;
    if (!opened) this.forget();
    this.peer?.close();
    this.peer = null;
    if (told) this.onclose?.(new CloseEvent("close", { code: BROKEN, reason }));
  }
}
