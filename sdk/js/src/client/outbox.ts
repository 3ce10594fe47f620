/** What has to go to the server: newest picture and params, and what to say again if it was lost. */

import type { Source } from "../media/encode.ts";
import type { Span } from "./pacing.ts";
import { joined } from "./pacing.ts";
import type { ModelInfo, Params, Switched } from "./protocol.ts";
import type { Change } from "./switching.ts";
import { renamed } from "./switching.ts";

export interface Load {
  sources: Map<string, Source>;
  params: Params;
  pen: Span | null; // the pointer events in it
}

interface Sent {
  names: string[];
  params: Params;
}

const REMEMBERED = 64; // messages whose refusal can still be understood

export class Outbox {
  /** All that the caller asked for. */
  wanted: Params;
  private accepted: Params; // what of it the server took
  private params: Params = {};
  private readonly apart: Params[] = []; // to be said one by one, since together they were refused
  private sources = new Map<string, Source>();
  private pen: Span | null = null;
  lastId = 0;
  /** The newest id that a frame answers, or will. */
  drawnId = 0;
  private pictures = new Map<string, Uint8Array>(); // newest encoded of each input
  private readonly sent = new Map<number, Sent>();

  constructor(params: Params) {
    this.wanted = { ...params };
    this.accepted = {};
  }

  /** What a fresh session starts from. LoRAs follow: one that is gone by now is no reason to end it all. */
  get opening(): Params {
    const { loras: _, ...others } = this.wanted;
    return others;
  }

  get full(): boolean {
    return this.sources.size > 0 || this.apart.length > 0 || Object.keys(this.params).length > 0;
  }

  /** Whether the server has, or will have, a picture of this name. */
  has(name: string): boolean {
    return (this.pictures.get(name)?.length ?? 0) > 0;
  }

  set(params: Params): void {
    Object.assign(this.wanted, params);
    Object.assign(this.params, params);
  }

  put(inputs: Record<string, Source>, pen: number | null): void {
    for (const [name, source] of Object.entries(inputs)) this.sources.set(name, source);
    if (pen !== null) this.pen = joined(this.pen, [pen, pen]);
  }

  take(): Load {
    const alone = this.apart.shift();
    const load = { sources: this.sources, params: alone ?? this.params, pen: this.pen };
    if (!alone) this.params = {};
    this.dropPictures();
    return load;
  }

  /** Return what could not go; newer values keep their place. */
  putBack(load: Load): void {
    this.params = { ...load.params, ...this.params };
    this.sources = new Map([...load.sources, ...this.sources]);
    this.pen = joined(this.pen, load.pen);
  }

  dropPictures(): void {
    this.sources = new Map();
    this.pen = null;
  }

  /** Keep the newest encoded pictures, to send them again after a break. */
  keep(pictures: Record<string, Uint8Array>): void {
    for (const [name, picture] of Object.entries(pictures)) this.pictures.set(name, picture);
  }

  /** Return the id of the message that carries these, or null if there is nothing to say. */
  next(pictures: Record<string, Uint8Array>, params: Params): number | null {
    const names = Object.keys(pictures);
    if (!names.length && !Object.keys(params).length) return null;
    const id = this.nextId();
    this.sent.set(id, { names, params });
    for (const old of this.sent.keys()) {
      if (old > id - REMEMBERED) break;
      this.sent.delete(old);
    }
    return id;
  }

  nextId(): number {
    this.drawnId = this.nextSwitch();
    return this.drawnId;
  }

  /** Return the id of a change of the model, which no frame answers where it is refused. */
  nextSwitch(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** Start on a new connection: say again what the server does not have. */
  opened(lastId: number, inForce: Params): void {
    this.lastId = this.drawnId = lastId;
    this.sent.clear();
    this.apart.length = 0;
    for (const [key, value] of Object.entries(this.wanted)) {
      if (same(value, inForce[key])) this.accepted[key] = value;
      else this.params[key] = value;
    }
    for (const [name, picture] of this.pictures) {
      if (!this.sources.has(name)) this.sources.set(name, picture);
    }
  }

  /** These are the LoRAs that are left: ask for no other any more, also where a fresh session starts. */
  keepLoras(names: readonly string[]): void {
    for (const params of [this.wanted, this.accepted, this.params]) keepLoras(params, names);
  }

  /**
   * Go on with another model, in the place of that of before: pictures stay by its names, under those
   * that came along, and of what was wanted what is in force. What was not said yet is said to it.
   */
  switched({ id, model, params: inForce }: Switched, before: ModelInfo | null, { params, inputs }: Change): void {
    const unsent = Object.entries(Object.assign({}, ...this.apart, this.params) as Params);
    const stays = Object.entries(this.wanted).filter(([key, value]) => same(value, inForce[key]));
    this.params = Object.fromEntries(unsent.filter(([key]) => key in inForce));
    this.accepted = { ...Object.fromEntries(stays), ...params };
    this.wanted = { ...this.accepted, ...this.params };
    this.apart.length = 0;
    this.sent.clear();
    this.sources = renamed(this.sources, before, model);
    this.pictures = renamed(this.pictures, before, model);
    this.keep(inputs);
    this.drawnId = Math.max(this.drawnId, id);
  }

  acked(id: number): void {
    Object.assign(this.accepted, this.sent.get(id)?.params);
    this.sent.delete(id);
  }

  /**
   * The server refused a message: find out which of its params is bad, go back to what is in force,
   * and send the pictures that came along again. Return the bad one, once it is found.
   */
  refused(id: number, code: string): Params {
    const sent = this.sent.get(id);
    this.sent.delete(id);
    if (!sent || code !== "invalid_params") return {};
    const current = Object.entries(sent.params).filter(([key, value]) => same(this.wanted[key], value));
    for (const [key, value] of current) {
      if (current.length > 1) this.apart.push({ [key]: value });
      else if (key in this.accepted) this.wanted[key] = this.accepted[key];
      else delete this.wanted[key];
    }
    for (const name of sent.names) {
      const picture = this.pictures.get(name);
      if (picture && !this.sources.has(name)) this.sources.set(name, picture);
    }
    return current.length > 1 ? {} : Object.fromEntries(current);
  }
}

/** Leave out of params what names a LoRA that is none of these. */
export function keepLoras(params: Params, names: readonly string[]): void {
  const weights = params["loras"];
  if (typeof weights !== "object" || weights === null) return;
  params["loras"] = Object.fromEntries(Object.entries(weights).filter(([name]) => names.includes(name)));
}

/** Whether two values of a param are the same. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
