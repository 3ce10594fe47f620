/** Tells once for each thing that was done, when the picture of it is on show. */

export class Changes {
  private untold = false;

  /** `shown` says whether the picture on show is of everything as it stands; `begun` hears each thing. */
  constructor(
    private readonly shown: () => boolean,
    private readonly tell: () => void,
    private readonly begun: () => void,
  ) {}

  /** Something was drawn or set. */
  note(): void {
    this.untold = true;
    this.begun();
  }

  /** Something may now be on show. */
  check(): void {
    if (!this.untold || !this.shown()) return;
    this.untold = false;
    this.tell();
  }
}
