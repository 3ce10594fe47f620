/** A test double of canvases: nothing is painted, what was asked for is remembered. */

import { Element, made } from "./dom.ts";

export type Asked = readonly [what: string, ...how: unknown[]];

export class Canvas extends Element {
  readonly did: Asked[] = [];
  clientWidth = 100;
  private readonly context = this.remembering();

  get width(): number {
    return Number(this.getAttribute("width") ?? 300);
  }
  set width(width: number) {
    this.setAttribute("width", String(width));
  }
  get height(): number {
    return Number(this.getAttribute("height") ?? 150);
  }
  set height(height: number) {
    this.setAttribute("height", String(height));
  }

  getContext(): object {
    return this.context;
  }

  /** What was asked for by this name. */
  asked(what: string): Asked[] {
    return this.did.filter(([name]) => name === what);
  }

  toBlob(done: (blob: Blob) => void, type: string): void {
    done(new Blob([`${this.width}x${this.height}`], { type }));
  }

  override getBoundingClientRect(): object {
    return { left: 0, top: 0, right: 100, bottom: 200, width: 100, height: 200 };
  }

  /** Put it in the place of the page's canvases. */
  static install(): void {
    made.set(Canvas, "canvas");
    Object.assign(globalThis, { devicePixelRatio: 1, HTMLCanvasElement: Canvas });
  }

  private remembering(): object {
    const { did } = this;
    return new Proxy({} as Record<string, unknown>, {
      get:
        (_, name: string) =>
        (...how: unknown[]): void =>
          void did.push([name, ...how]),
      set: (_, name: string, value) => did.push([name, value]) > 0,
    });
  }
}

/** A test double of a decoded picture. */
export class Bitmap {
  closed = false;
  constructor(
    readonly width = 400,
    readonly height = 800,
  ) {}
  close(): void {
    this.closed = true;
  }
}
