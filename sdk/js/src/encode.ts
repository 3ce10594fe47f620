/** Encodes pictures for the wire, in a worker where there is one. */

import workerCode from "./encode.worker?inline";
import { LivedraftError } from "./errors.ts";
import { canWritePng, MOST_PIXELS, writePng } from "./png.ts";

/** What `LiveSession.send` takes; encoded pictures go as they are, `null` removes the input. */
export type Source = CanvasImageSource | Blob | Uint8Array | null;

export interface Target {
  width: number; // px
  height: number; // px
  alpha: boolean; // lossless with transparency
}

export interface Encoder {
  encode(source: Source, target: Target): Promise<Uint8Array>;
  close(): void;
}

interface Answer {
  id: number;
  bytes?: ArrayBuffer;
  error?: string;
}

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/**
 * Encodes in one worker of its own; on this thread if a page's policy forbids the worker.
 *
 * Small drawings with transparency are encoded here, too: that takes 2 ms, and the way to a worker
 * and through its canvas 6.
 */
export class WorkerEncoder implements Encoder {
  private worker: Worker | null = startWorker();
  private closed = false;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private readonly scratch = document.createElement("canvas");

  constructor() {
    if (!this.worker) return;
    this.worker.onmessage = (event: MessageEvent<Answer>) => this.take(event.data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.stop("the encoding worker stopped");
    };
  }

  async encode(source: Source, target: Target): Promise<Uint8Array> {
    if (source === null) return new Uint8Array();
    if (source instanceof Uint8Array) return source;
    if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
    if (target.alpha && canWritePng && target.width * target.height <= MOST_PIXELS) {
      return writePng(this.pixels(source, target));
    }
    if (!this.worker) return encodeHere(source, target);
    try {
      return await this.inWorker(await createImageBitmap(source), target);
    } catch (error) {
      if (this.worker || this.closed) throw error;
      return encodeHere(source, target); // the worker could not start
    }
  }

  close(): void {
    this.closed = true;
    this.stop("the encoder was closed");
  }

  private pixels(source: CanvasImageSource, { width, height }: Target): ImageData {
    const fits = source instanceof HTMLCanvasElement && source.width === width && source.height === height;
    if (fits) return context2d(source).getImageData(0, 0, width, height);
    if (this.scratch.width !== width || this.scratch.height !== height) {
      Object.assign(this.scratch, { width, height });
    }
    const context = context2d(this.scratch);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingQuality = "medium";
    context.drawImage(source, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  private inWorker(bitmap: ImageBitmap, target: Target): Promise<Uint8Array> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      if (this.worker) this.worker.postMessage({ id, bitmap, ...target }, [bitmap]);
      else this.take({ id, error: "the worker stopped" });
    });
  }

  private take(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.bytes) waiting?.resolve(new Uint8Array(answer.bytes));
    else waiting?.reject(failed(answer.error ?? "no bytes"));
  }

  private stop(reason: string): void {
    this.worker?.terminate();
    this.worker = null;
    for (const each of this.waiting.values()) each.reject(failed(reason));
    this.waiting.clear();
  }
}

function startWorker(): Worker | null {
  if (typeof OffscreenCanvas === "undefined") return null;
  const address = URL.createObjectURL(new Blob([workerCode], { type: "text/javascript" }));
  try {
    return new Worker(address, { name: "livedraft-encode" });
  } catch {
    return null; // a content security policy without `worker-src blob:`
  }
}

async function encodeHere(source: CanvasImageSource, target: Target): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  canvas.width = target.width;
  canvas.height = target.height;
  const context = context2d(canvas);
  if (!target.alpha) {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, target.width, target.height);
  }
  context.drawImage(source, 0, 0, target.width, target.height);
  const blob = await toBlob(canvas, target.alpha ? "image/png" : "image/jpeg");
  return new Uint8Array(await blob.arrayBuffer());
}

function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw failed("no 2d context");
  return context;
}

/** Return a canvas as an encoded picture. */
export function toBlob(canvas: HTMLCanvasElement, type = "image/png"): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(failed("empty canvas"))), type, 0.8);
  });
}

function failed(reason: string): LivedraftError {
  return new LivedraftError({ code: "encode", message: `the drawing could not be encoded: ${reason}`, retryable: true });
}
