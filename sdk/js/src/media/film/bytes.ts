/** The bytes of what WebCodecs gives. */

export function copied(chunk: EncodedVideoChunk | EncodedAudioChunk): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(chunk.byteLength);
  chunk.copyTo(data);
  return data;
}

export function bytesOf(description: AllowSharedBufferSource | undefined): Uint8Array | null {
  if (!description) return null;
  if (ArrayBuffer.isView(description))
    return new Uint8Array(description.buffer, description.byteOffset, description.byteLength);
  return new Uint8Array(description);
}
