/** A window with nothing but the picture: for a second screen, and for programs that film windows, as OBS does. */

import { LivedraftError } from "../errors.ts";

export class Popout {
  private view: { window: Window; canvas: HTMLCanvasElement } | null = null;

  /** `changed` hears that it was opened, or closed by whomever. */
  constructor(
    private readonly picture: HTMLCanvasElement,
    private readonly changed: () => void,
  ) {}

  get open(): boolean {
    return this.view !== null;
  }

  /** Open the window, within what the user does; throws `popup_blocked`. */
  show(): void {
    this.close();
    const { width, height } = this.picture;
    const opened = window.open("", "", `popup,width=${width},height=${height}`);
    if (!opened) throw blocked();
    const { document: page } = opened;
    page.title = "livedraft: picture";
    const canvas = page.createElement("canvas");
    Object.assign(page.documentElement.style, { background: "#000", height: "100%" });
    Object.assign(page.body.style, { margin: "0", height: "100%" });
    Object.assign(canvas.style, { display: "block", height: "100%", objectFit: "contain", width: "100%" });
    page.body.append(canvas);
    const view = { window: opened, canvas };
    this.view = view;
    opened.addEventListener("pagehide", () => this.view === view && this.forget());
    this.paint();
    this.changed();
  }

  /** Show the picture as it stands. */
  paint(): void {
    if (!this.view) return;
    const { canvas } = this.view;
    const { width, height } = this.picture;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext("2d")?.drawImage(this.picture, 0, 0);
  }

  close(): void {
    const { view } = this;
    if (!view) return;
    this.forget();
    view.window.close();
  }

  private forget(): void {
    this.view = null;
    this.changed();
  }
}

function blocked(): LivedraftError {
  return new LivedraftError({
    code: "popup_blocked",
    message: "the browser opens no window for this page",
    fix: "allow pop-ups for it in the address bar, then press the button again",
  });
}
