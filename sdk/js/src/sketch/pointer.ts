/** Which pointers draw, and where on the paper they are. */

import { h } from "../ui/dom.ts";
import type { Tool } from "./drawing.ts";
import { masks } from "./drawing.ts";

/** What a pointer does to the paper; x and y in units of the paper's width. */
export interface Hand {
  readonly canvas: HTMLCanvasElement;
  brush: { tool: Tool };
  draw(x: number, y: number, pressure: number, at: number, tool: Tool): void;
  finish(): void;
  cancel(): void;
}

interface Contact {
  id: number;
  type: string;
  tool: Tool;
  since: number; // ms, of `event.timeStamp`
  start: readonly [number, number];
  reach: number; // how far it has been from there, in paper widths
}

const ERASER = 32; // in `event.buttons`: the other end of a pen
const STRAY_MS = 500; // within which a touch may turn out to be a palm, or half of a pinch
const STRAY_REACH = 0.03;
const PEN_NEAR_MS = 1000; // after a pen was last seen, a touch is the hand that holds it

export class Pointers {
  /** Points at three corners of the canvas, to lie beside it: they go where any transform puts them. */
  readonly corners = [
    ["0", "0"],
    ["100%", "0"],
    ["0", "100%"],
  ].map(([left = "", top = ""]) => h("i", { class: "corner", style: { left, top } }));
  private contact: Contact | null = null;
  private penAt = -Infinity; // when one was last seen; once there is one, fingers do not draw

  constructor(private readonly hand: Hand) {
    const { canvas } = hand;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.end(event, false));
    canvas.addEventListener("lostpointercapture", (event) => this.end(event, false));
    canvas.addEventListener("pointercancel", (event) => this.end(event, true));
    canvas.addEventListener("contextmenu", (event) => this.menu(event));
    // Where fingers pan, a pen would, too, and so would the palm under it.
    canvas.addEventListener(
      "touchstart",
      (event) => {
        if (event.timeStamp - this.penAt < PEN_NEAR_MS && event.cancelable) event.preventDefault();
      },
      { passive: false },
    );
  }

  /** Let go: what the pointer drew is complete, or gone. */
  release(): void {
    this.contact = null;
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === "pen") this.seen(event);
    const eraser = (event.buttons & ERASER) !== 0;
    const mayDraw = event.pointerType !== "touch" || (event.isPrimary && this.penAt === -Infinity);
    if (this.contact) this.another(event);
    if (this.contact || !mayDraw || (event.button !== 0 && !eraser)) return;
    event.preventDefault();
    this.hand.canvas.focus({ preventScroll: true });
    this.capture(event.pointerId);
    const [x, y] = this.where()(event);
    if (!Number.isFinite(x + y)) return; // not on show
    const { tool: chosen } = this.hand.brush;
    const tool = eraser ? (masks(chosen) ? "unmask" : "eraser") : chosen;
    this.contact = {
      id: event.pointerId,
      type: event.pointerType,
      tool,
      since: event.timeStamp,
      start: [x, y],
      reach: 0,
    };
    this.take([event]);
  }

  /** Another pointer comes while one draws. */
  private another(event: PointerEvent): void {
    const { contact } = this;
    if (contact?.type !== "touch") return;
    if (event.pointerType === "pen")
      this.hand.cancel(); // it was the palm
    else if (event.pointerType === "touch" && this.stray(event)) this.hand.cancel(); // a pinch
  }

  private move(event: PointerEvent): void {
    const { contact } = this;
    if (event.pointerType === "pen") this.seen(event);
    if (!contact || event.pointerId !== contact.id) return;
    // One button of several goes up as a move.
    if (contact.type === "mouse" && event.buttons && !(event.buttons & 1)) return this.hand.finish();
    const events = event.getCoalescedEvents?.() ?? [];
    this.take(events.length ? events : [event]);
  }

  private end(event: PointerEvent, cancelled: boolean): void {
    if (event.pointerId !== this.contact?.id) return;
    if (cancelled && this.contact.type === "touch" && this.stray(event)) this.hand.cancel();
    else this.hand.finish();
  }

  /** A long press asks for a menu in the middle of a stroke; with a mouse it is meant. */
  private menu(event: MouseEvent): void {
    if (!this.contact) return;
    if (this.contact.type === "mouse")
      this.hand.cancel(); // Ctrl and a click on a Mac
    else event.preventDefault();
  }

  private seen(event: PointerEvent): void {
    this.penAt = event.timeStamp;
    this.hand.canvas.setAttribute("data-pen", ""); // fingers pan from now on
    if (this.contact?.type === "touch") this.hand.cancel();
  }

  private stray(event: PointerEvent): boolean {
    const { contact } = this;
    return contact !== null && (event.timeStamp - contact.since < STRAY_MS || contact.reach < STRAY_REACH);
  }

  private take(events: readonly PointerEvent[]): void {
    const where = this.where();
    for (const event of events) {
      const { contact } = this;
      const [x, y] = where(event);
      if (!contact || !Number.isFinite(x + y)) continue;
      contact.reach = Math.max(contact.reach, Math.hypot(x - contact.start[0], y - contact.start[1]));
      const pressure = contact.type === "pen" ? event.pressure : 0.5;
      this.hand.draw(round(x), round(y), round(pressure), event.timeStamp, contact.tool);
    }
  }

  private capture(id: number): void {
    try {
      this.hand.canvas.setPointerCapture(id);
    } catch {
      // it has gone up already
    }
  }

  /** Return what gives a pointer's place on the paper, whatever turns, skews or scales the page. */
  private where(): (event: PointerEvent) => [x: number, y: number] {
    const { canvas } = this.hand;
    const [o, a, b] = this.corners.map((each) => each.getBoundingClientRect()) as [DOMRect, DOMRect, DOMRect];
    const [ax, ay, bx, by] = [a.x - o.x, a.y - o.y, b.x - o.x, b.y - o.y];
    const area = ax * by - ay * bx;
    // The canvas is shown as a whole within its box, as `object-fit: contain` does.
    const { clientWidth, clientHeight } = canvas;
    const width = Math.min(clientWidth, (clientHeight * canvas.width) / canvas.height);
    const height = (width * canvas.height) / canvas.width;
    return ({ clientX, clientY }) => {
      const [x, y] = [clientX - o.x, clientY - o.y];
      const [u, v] = [(x * by - y * bx) / area, (y * ax - x * ay) / area];
      return [
        (u * clientWidth - (clientWidth - width) / 2) / width,
        (v * clientHeight - (clientHeight - height) / 2) / width,
      ];
    };
  }
}

/** Four decimals are finer than any screen and keep a stored drawing small. */
function round(value: number): number {
  return Math.round(value * 10000) / 10000;
}
