/** The styles of the model in use: what of its params the strip shows, and when its previews are made. */

import type { ModelInfo, Params } from "../client/protocol.ts";
import type { Connection } from "../ui/connection.ts";
import { fields } from "../ui/schema.ts";
import { Previews } from "./previews.ts";
import type { Styles } from "./strip.ts";
import { Strip } from "./strip.ts";

const STYLE = "style"; // the param whose choices are styles

export class Styling {
  readonly strip: Strip;
  private readonly previews: Previews;
  connection: Connection | null = null; // over which the previews are asked for
  private model: ModelInfo | null = null;
  private styles: Styles | null = null;
  private previewed = false; // for the source that is live

  constructor(
    private readonly video: HTMLVideoElement,
    change: (params: Params) => void,
  ) {
    this.strip = new Strip({ change, refresh: () => this.ask() });
    this.previews = new Previews((style, url) => this.strip.preview({ style, url }));
  }

  /** The params that the strip shows, so that nobody else need. */
  get params(): string[] {
    const { styles } = this;
    return styles ? [styles.key, ...(styles.mix ? [styles.mix.second, styles.mix.share] : [])] : [];
  }

  /** Take the model that a session has now. */
  adopt(model: ModelInfo | null): void {
    this.previews.stop();
    this.previewed = false;
    this.model = model;
    const style = fields(model?.params_schema).find(({ key }) => key === STYLE);
    this.styles = style?.kind === "choice" && style.choices.length > 1 ? style : null;
    this.strip.build(this.styles);
  }

  /** There are pictures now: each style is shown on them, once. Late ones of a source that is gone are none. */
  live(): void {
    if (!this.previewed && this.video.videoWidth) this.ask();
  }

  /** There are none any more; the next are of something else. */
  stop(): void {
    this.previews.stop();
    this.previewed = false;
  }

  private ask(): void {
    const { connection, model, styles } = this;
    if (!connection || !model || !styles) return;
    this.previewed = true;
    void this.previews.ask(connection, model, styles, this.video);
  }
}
