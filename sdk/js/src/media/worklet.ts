/** The microphone's end in the audio thread; built as a file of its own, which `addModule` loads. */

import { Packets } from "./packets.ts";

// The scope of an AudioWorklet, of which TypeScript's own library knows nothing.
declare const sampleRate: number;
declare const currentTime: number; // s, of the block's first sample
declare const registerProcessor: (name: string, processor: unknown) => void;
declare const AudioWorkletProcessor: new (options?: object) => { readonly port: MessagePort };

class Microphone extends AudioWorkletProcessor {
  private readonly packets: Packets;

  /** Packets have the rate, Hz, and the channels that the node's options say. */
  constructor(options?: { processorOptions?: { rate?: number; channels?: number } }) {
    super(options);
    const { rate, channels } = options?.processorOptions ?? {};
    this.packets = new Packets(sampleRate, rate, channels);
  }

  process([channels = []]: Float32Array[][]): boolean {
    const time = currentTime * 1000;
    for (const packet of this.packets.push(channels))
      this.port.postMessage({ ...packet, time }, [packet.samples.buffer]);
    return true;
  }
}

registerProcessor("livedraft-microphone", Microphone);
