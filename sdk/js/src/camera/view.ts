/** The two panes: what is sent, and what comes of it; side by side, one over the other, or the result alone. */

import type { Picture } from "../media/decoder.ts";
import { Compare } from "../ui/compare.ts";
import { h, show } from "../ui/dom.ts";
import { receive } from "../ui/files.ts";

/** Both panes; the same place in both, divided by a slider; what comes of it. */
export const LOOKS = ["beside", "split", "result"] as const;
export type Look = (typeof LOOKS)[number];

export class View {
  readonly root: HTMLElement;
  readonly canvas = h("canvas", { class: "picture", role: "img", "aria-label": "Live result: nothing yet" });
  private readonly context = this.canvas.getContext("2d")!;
  private readonly sent: HTMLElement;
  private readonly result: HTMLElement;
  private readonly sentHint = h("p", { class: "hint" });
  private readonly resultHint = h("p", { class: "hint" });
  private readonly compare = new Compare(
    (percent) => `${percent} % before`,
    (part) => this.root.style.setProperty("--split", `${part * 100}%`),
  );
  private shows: Look = "beside";

  constructor(video: HTMLVideoElement, open: (file: Blob) => void) {
    this.sent = h("div", { class: "pane sent", part: "source", "data-empty": true }, video, this.sentHint);
    this.result = h("div", { class: "pane result", part: "result", "data-empty": true }, this.canvas, this.resultHint);
    this.compare.input.setAttribute("aria-label", "Before and after");
    this.root = h("div", { class: "panes" }, this.sent, this.result, this.compare.root);
    this.compare.reset();
    this.look("beside");
    receive(this.root, null, open);
    this.hint("");
  }

  get looked(): Look {
    return this.shows;
  }

  /** Whether nothing is shown yet. */
  get empty(): boolean {
    return this.result.hasAttribute("data-empty");
  }

  /** Look at it so from now on. */
  look(look: Look): void {
    this.shows = look;
    this.root.dataset["look"] = look;
  }

  /** Say what there is to see where nothing is to be seen. */
  hint(sent: string, result = "The result appears here."): void {
    this.sentHint.textContent = sent;
    this.resultHint.textContent = result;
  }

  /** Show whether frames of the source are to be seen. */
  filming(on: boolean): void {
    this.sent.toggleAttribute("data-empty", !on);
  }

  /** Whether the model takes pictures at all. */
  takes(pictures: boolean): void {
    show(this.sent, pictures);
    this.root.toggleAttribute("data-alone", !pictures);
  }

  mirror(on: boolean): void {
    this.root.toggleAttribute("data-mirror", on);
  }

  /** Paint the newest picture. */
  paint(picture: Picture | ImageBitmap): void {
    const [width, height] = sizeOf(picture);
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      this.root.style.setProperty("--aspect", `${width / height}`);
    }
    this.context.drawImage(picture, 0, 0, width, height);
    if (!this.result.hasAttribute("data-empty")) return;
    this.result.removeAttribute("data-empty");
    canvas.setAttribute("aria-label", "Live result");
  }

  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.result.toggleAttribute("data-empty", true);
    this.canvas.setAttribute("aria-label", "Live result: nothing yet");
  }
}

function sizeOf(picture: Picture | ImageBitmap): [width: number, height: number] {
  if ("displayWidth" in picture) return [picture.displayWidth, picture.displayHeight];
  return [picture.width, picture.height];
}
