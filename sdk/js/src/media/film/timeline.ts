/** Where times of media clocks lie in a film: what nobody saw or heard is left out. */

const BREAK_US = 2_000_000; // from so far on, what comes goes on where the film is

export class Timeline {
  end = 0; // µs, of the film
  private offset: number | null = null;
  private newest = 0; // µs, of the clock
  private before: { offset: number; newest: number } | null = null; // a break

  /** Another clock begins. */
  begin(): void {
    this.offset = null;
    this.before = null;
  }

  /** Return where something lies in the film; all in µs. */
  of(pts: number, duration: number): number {
    const far = (from: number): boolean => Math.abs(pts - from) > BREAK_US;
    if (this.offset === null || far(this.newest)) {
      if (this.before && !far(this.before.newest)) return pts + this.before.offset; // late, of before the break
      if (this.offset !== null) this.before = { offset: this.offset, newest: this.newest };
      this.offset = this.end - pts;
      this.newest = pts;
    }
    this.newest = Math.max(this.newest, pts);
    const at = pts + this.offset;
    this.end = Math.max(this.end, at + duration);
    return at;
  }
}
