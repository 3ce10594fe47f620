/** The user's own picture in each style of a model: small, one after the other, beside what is live. */

import { serverOf } from "../client/address.ts";
import type { ModelInfo, Params } from "../client/protocol.ts";
import { toBlob } from "../media/encode.ts";
import type { Connection } from "../ui/connection.ts";
import type { Styles } from "./strip.ts";

const SIZE = { width: 176, height: 128 }; // px: a tile's, on a screen of twice the density

export class Previews {
  private turn = 0; // so that what was asked for before is told apart

  constructor(private readonly made: (style: string, url: string) => void) {}

  /** Ask for all of them; a model without pictures, and a server that refuses, give none. */
  async ask(connection: Connection, model: ModelInfo, styles: Styles, video: HTMLVideoElement): Promise<void> {
    const turn = ++this.turn;
    const input = model.inputs.find(({ kind }) => kind === "image")?.name;
    if (!input || !video.videoWidth) return;
    const picture = await still(video);
    for (const choice of styles.choices) {
      const params = { [styles.key]: choice, ...(styles.mix ? { [styles.mix.share]: 0 } : {}) };
      const made = await asked(connection, { model: model.id, inputs: { [input]: picture }, ...params });
      if (turn !== this.turn || !made) return;
      this.made(String(choice), URL.createObjectURL(made));
    }
  }

  /** Forget what was asked for. */
  stop(): void {
    this.turn += 1;
  }
}

/** Return what a video shows as the base64 of a JPEG: the middle of it, in a tile's shape. */
async function still(video: HTMLVideoElement): Promise<string> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, SIZE);
  const { videoWidth, videoHeight } = video;
  const scale = Math.max(SIZE.width / videoWidth, SIZE.height / videoHeight);
  const [width, height] = [videoWidth * scale, videoHeight * scale];
  const place = [(SIZE.width - width) / 2, (SIZE.height - height) / 2, width, height] as const;
  canvas.getContext("2d")!.drawImage(video, ...place);
  const bytes = new Uint8Array(await (await toBlob(canvas, "image/jpeg")).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

async function asked({ url, token }: Connection, body: Params): Promise<Blob | null> {
  const headers = {
    "Content-Type": "application/json",
    Accept: "image/jpeg",
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
  };
  try {
    const answer = await fetch(`${serverOf(url)}/v1/generate`, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null; // the session itself tells what is wrong
  }
}
