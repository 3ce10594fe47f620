/** Sound files of users: decoded by the browser, mono, and refused before they are too large. */

export const MOST_MEGABYTES = 64;
export const MOST_MINUTES = 30;

/** Why a file is no sound that can be used. */
export type Refusal = "invalid_sound" | "sound_too_long";

export interface Decoded {
  samples: Float32Array;
  rate: number; // Hz
}

/** Decode a file to mono at a rate. */
export async function decodeSound(file: Blob, rate: number): Promise<Decoded | Refusal> {
  if (file.size > MOST_MEGABYTES * 2 ** 20) return "sound_too_long";
  let buffer: AudioBuffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await file.arrayBuffer());
  } catch {
    return "invalid_sound";
  }
  if (!buffer.length) return "invalid_sound";
  if (buffer.duration > MOST_MINUTES * 60) return "sound_too_long";
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i));
  const samples = channels[0]!.map((_, i) => channels.reduce((sum, each) => sum + each[i]!, 0) / channels.length);
  return { samples, rate: buffer.sampleRate };
}
