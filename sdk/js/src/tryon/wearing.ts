/** Joins a photo and an outfit to a session: they go up, and what is worn comes down as a layer over the photo. */

import type { Params } from "../client/protocol.ts";
import type { Frame, LiveSession } from "../client/session.ts";
import type { LivedraftError } from "../errors.ts";
import { bytesOf } from "../media/datauri.ts";
import { fetched, readPicture } from "../media/pictures.ts";
import type { Connection } from "../ui/connection.ts";
import type { Live } from "../ui/live.ts";
import type { SessionPanel } from "../ui/session_panel.ts";
import type { Photo } from "./photo.ts";
import type { Garment } from "./shop/garments.ts";
import type { Outfit } from "./shop/outfit.ts";
import { NOTHING } from "./shop/outfit.ts";

export interface WearingEvents {
  frame(frame: Frame): void;
  changed(): void; // whether anything is under way
  late(): void; // no answer came for a long time
  failed(error: LivedraftError): void; // a garment that was chosen before there was a session has no picture
}

const DRAFT_PX = 512;
const FINAL_PX = 2048;
const LATE_MS = 20_000;
const KEPT = 12; // pictures of garments

/** Params that are of one photo, and of one garment. */
const OF_PHOTO: Params = { joints: {}, subject: null };
const OF_GARMENT: Params = { points: {} };

export class Wearing {
  photo: Photo | null = null;
  outfit: Outfit = NOTHING;
  /** Whether the final picture is being made. */
  finishing = false;
  private connection: Connection | null = null;
  private staleThrough = 0; // ids of what was of another photo or garment
  private awaited = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0; // of outfits, so that one whose picture comes late is told apart
  private dressing = 0; // outfits whose pictures are on their way; who puts them on is told what fails
  private pictures = new Map<string, Promise<Uint8Array>>(); // of garments, by address

  constructor(
    private readonly panel: SessionPanel,
    private readonly live: Live,
    private readonly events: WearingEvents,
  ) {
    panel.settings.choose({ view: "layer" });
  }

  get session(): LiveSession | null {
    return this.panel.session;
  }

  /** Whether a picture is being made. */
  get busy(): boolean {
    return this.awaited || this.finishing;
  }

  /** What is being made. */
  get state(): { busy: boolean; finishing: boolean } {
    return { busy: this.busy, finishing: this.finishing };
  }

  /** Where the server is; a session begins with the first photo, so that nobody takes a place by looking at a page. */
  at(connection: Connection): void {
    this.connection = connection;
    if (this.session) this.open();
  }

  /** Open a session, where there is none; tell whether one was opened, which hears of all that there is. */
  join(): boolean {
    const joins = this.connection !== null && (!this.session || this.session.state === "closed");
    if (joins) this.open();
    return joins;
  }

  /** Take a photo in place of any before. */
  async take(photo: Photo): Promise<void> {
    this.photo?.close();
    this.photo = photo;
    const joined = this.join();
    this.forgetAnswers();
    this.panel.params.choose(OF_PHOTO);
    if (joined) return this.expect();
    const person = await photo.sized(DRAFT_PX);
    if (photo === this.photo) this.send({ person, mask: null });
  }

  /** Put on an outfit; throws where a garment's picture is not to be had. */
  async wear(outfit: Outfit): Promise<void> {
    const turn = ++this.turn;
    const [first, second] = [outfit.upper ?? outfit.lower, outfit.upper && outfit.lower];
    const changed = first?.sku !== (this.outfit.upper ?? this.outfit.lower)?.sku;
    this.outfit = outfit;
    this.dressing += 1;
    const pictures = Promise.all([this.picture(first), this.picture(second)]);
    const [garment, lower] = await pictures.finally(() => (this.dressing -= 1));
    if (turn !== this.turn) return;
    if (changed) this.forgetAnswers();
    this.panel.params.choose({ ...(changed ? OF_GARMENT : {}), category: first?.category ?? "auto" });
    if (this.session) this.send({ garment, lower });
  }

  /** Change params; what the user sees follows. */
  set(params: Params): void {
    this.panel.params.choose(params);
    this.expect();
  }

  /** Take a mask by hand, white where something may change; null: the model finds it. */
  mask(mask: Blob | null): void {
    this.send({ mask });
  }

  /** Make the picture at full size; throws `superseded` where something newer came. */
  async finish(): Promise<void> {
    const { session, photo } = this;
    if (!session || !photo) return;
    this.finishing = true;
    this.events.changed();
    try {
      session.send({ person: await photo.sized(FINAL_PX) });
      await session.refine();
    } finally {
      this.finishing = false;
      this.expected(false);
    }
  }

  cancel(): void {
    this.session?.cancel();
  }

  /** Whether an error is about anything that is still wanted. */
  concerns(id: number | null): boolean {
    return id === null || id > this.staleThrough;
  }

  /** Nothing is awaited any more, since it failed. */
  failed(): void {
    this.expected(false);
  }

  /** Take no notice of what comes for the camera's sake, or for nobody's. */
  forgetAnswers(): void {
    this.staleThrough = this.session?.lastId ?? 0;
  }

  /** End the session and let go of the photo and of all that was made of it. */
  forget(): void {
    this.photo?.close();
    this.photo = null;
    this.live.stop();
    this.panel.settings.choose({ ...OF_PHOTO });
    this.staleThrough = 0;
    this.expected(false);
  }

  private open(): void {
    const { connection } = this;
    if (!connection) return;
    this.staleThrough = 0;
    this.live.start(connection);
    this.session?.on("frame", (frame) => this.framed(frame));
    void this.again();
  }

  /** Say to a new session all that there is; what changes meanwhile is said by who changes it. */
  private async again(): Promise<void> {
    const { session, photo, outfit } = this;
    const [first, second] = [outfit.upper ?? outfit.lower, outfit.upper && outfit.lower];
    const failures: LivedraftError[] = [];
    const told = this.dressing > 0;
    const known = (garment: Garment | null): Promise<Uint8Array | null> =>
      this.picture(garment).catch((error: LivedraftError) => {
        failures.push(error);
        return null;
      });
    const [garment, lower, person] = await Promise.all([known(first), known(second), photo?.sized(DRAFT_PX)]);
    if (session !== this.session) return;
    const same = outfit === this.outfit;
    this.send({
      ...(garment && same ? { garment } : {}),
      ...(lower && same ? { lower } : {}),
      ...(person && photo === this.photo ? { person } : {}),
    });
    // Told when it was chosen, it was told to nobody who waited: there was no photo yet.
    for (const error of failures) if (same && !told) this.events.failed(error);
  }

  private send(inputs: Record<string, Uint8Array | Blob | null>): void {
    // Of a photo without a garment no picture comes, but params are answered: so it is known that all went well.
    this.session?.set({ view: "layer" });
    this.session?.send(inputs);
    this.expect();
  }

  private expect(): void {
    this.expected(this.photo !== null && this.session !== null && (this.outfit.upper ?? this.outfit.lower) !== null);
  }

  private expected(awaited: boolean): void {
    clearTimeout(this.timer);
    this.awaited = awaited;
    if (awaited) {
      this.timer = setTimeout(() => {
        this.expected(false);
        this.events.late();
      }, LATE_MS);
    }
    this.events.changed();
  }

  private framed(frame: Frame): void {
    if (frame.id <= this.staleThrough || !this.photo) return;
    const { session } = this;
    if (session?.allSent && frame.id >= session.lastId) this.expected(false);
    this.events.frame(frame);
  }

  private picture(garment: Garment | null): Promise<Uint8Array | null> {
    if (!garment) return Promise.resolve(null);
    const { image } = garment;
    const known = this.pictures.get(image) ?? load(image);
    this.pictures.delete(image);
    this.pictures.set(image, known); // the newest last
    known.catch(() => this.pictures.delete(image)); // it is asked for again
    const [oldest] = this.pictures.keys();
    if (this.pictures.size > KEPT && oldest) this.pictures.delete(oldest);
    return known;
  }
}

async function load(address: string): Promise<Uint8Array> {
  const bytes = bytesOf(address); // a page's policy may forbid to fetch it
  const { blob } = await readPicture(bytes ? new Blob([bytes]) : await fetched(address));
  return new Uint8Array(await blob.arrayBuffer());
}
