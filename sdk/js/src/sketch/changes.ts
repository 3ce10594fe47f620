/** Tells once for each thing that was done, when the picture of it is on show. */

export class Changes {
  private pending = false;

  /** `shown` says whether the picture on show is of everything as it stands; `begun` hears each thing. */
  constructor(
    private readonly shown: () => boolean,
    private readonly emit: () => void,
    private readonly begun: () => void,
  ) {}

  /** Something was drawn or set. */
  note(): void {
    this.pending = true;
    this.begun();
  }

  /** Something may now be on show. */
  check(): void {
    if (!this.pending || !this.shown()) return;
    this.pending = false;
    this.emit();
  }
}
