/** `<livedraft-sketch>`: draw, and the picture follows the pen. */

import type { Params } from "../client/protocol.ts";
import { LivedraftError } from "../errors.ts";
import type { Connection } from "../ui/connection.ts";
import { LiveElement } from "../ui/element.ts";
import { EVENTS } from "./events.ts";
import type { Example } from "./examples.ts";
import type { Snapshot } from "./finals.ts";
import { FormField } from "./form.ts";
import type { Diagnostics } from "./host.ts";
import { identify } from "./identity.ts";
import type { Brush } from "./paper.ts";
import type { StrokeJson } from "./strokes.ts";
import { fromJson } from "./strokes.ts";
import { Studio } from "./studio.ts";
import { styles } from "./styles/index.ts";

/**
 * Attributes: url model models token params prompt picture-style seed strength steps size palette loras examples
 * locked (the seed) height layout (beside | over) refine-when (rest) refine-model theme (light | dark) state-key;
 * of a form's field: name required disabled. Each has a property. Events: SketchEvents.
 */
export class LivedraftSketch extends LiveElement {
  static readonly formAssociated = true;
  static readonly observedAttributes = [
    ...LiveElement.shared,
    "examples",
    "layout",
    "refine-when",
    "locked",
    "refine-model",
    "state-key",
    "name",
    "required",
    "disabled",
  ] as const;
  static readonly events = EVENTS;
  private static warned = false;
  readonly #studio: Studio;
  private readonly field: FormField;
  private readonly internals: ElementInternals;
  private readonly resize: ResizeObserver;
  private readonly leave = (): void => this.#studio.leave();
  private drawings: readonly Example[] = [];
  private finisher: string | null = null; // chosen by the user

  constructor() {
    super();
    this.internals = this.attachInternals();
    this.#studio = new Studio(this, {
      ...this.host,
      drawn: (drawn) => this.field.check(drawn),
      finishes: (model) => (this.finisher = model),
    });
    const { paper } = this.#studio.canvas;
    this.field = new FormField(this, this.internals, paper.canvas, () => this.#studio.snapshotNow());
    this.#studio.possible.show();
    this.mount(this.#studio.panel, this.#studio.root, styles);
    this.resize = new ResizeObserver(() => paper.fit(paper.canvas.clientWidth * devicePixelRatio));
  }

  protected override begin(): void {
    if (!LivedraftSketch.warned && /^[\w\s-]+$/.test(this.getAttribute("style") ?? "")) {
      LivedraftSketch.warned = true;
      console.warn('<livedraft-sketch>: the attribute "style" is CSS; a model\'s style is "picture-style"');
    }
    this.resize.observe(this.#studio.canvas.paper.canvas);
    addEventListener("pagehide", this.leave);
    void this.keep();
  }

  protected override end(): void {
    removeEventListener("pagehide", this.leave);
    this.#studio.close();
    this.resize.disconnect();
  }

  protected override seen(visible: boolean): void {
    this.#studio.live.setVisible(visible);
  }

  protected override connectTo(connection: Connection): void {
    const refineModel = this.finisher ?? this.getAttribute("refine-model");
    this.#studio.connect(refineModel ? { ...connection, refineModel } : connection);
  }

  protected override attributeChanged(name: string, value: string | null): void {
    if (name === "layout") this.#studio.view.ask(value === "over" || value === "beside" ? value : null);
    else if (name === "refine-when") this.#studio.view.refineOnRest(value === "rest");
    else if (name === "refine-model") this.finish(value ?? "");
    else if (name === "locked") this.#studio.panel.params.panel.seed.setLocked(value !== null);
    else if (name === "examples") void this.loadExamples(value ?? "[]");
    else if (name === "required") this.field.check(this.#studio.live.drawn);
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.field.join(form);
  }

  formDisabledCallback(disabled: boolean): void {
    this.field.disable(disabled);
    this.#studio.disable(disabled);
  }

  formResetCallback(): void {
    this.#studio.reset();
  }

  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  get validity(): ValidityState {
    return this.internals.validity;
  }

  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  checkValidity(): boolean {
    return this.internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.internals.reportValidity();
  }

  /** The focus goes to the paper, where a label or a message about the element sends it. */
  override focus(options?: FocusOptions): void {
    this.#studio.canvas.paper.canvas.focus(options);
  }

  /** What the element shows: params, and which picture. `snapshot()` gives the pictures. */
  get value(): {
    params: Params;
    empty: boolean;
    frame: { id: number; seed: number | null; stage: string; model: string } | null;
  } {
    const { live, result } = this.#studio;
    const { frame } = result.pane;
    const shown = frame && { id: frame.id, seed: frame.seed, stage: frame.stage, model: frame.model };
    return { params: this.params, empty: !live.drawn, frame: shown };
  }

  /** The connection, how fast pictures come, and the drawing; each change of the session is an event `diagnostics`. */
  override get diagnostics(): Diagnostics {
    return this.#studio.diagnostics;
  }

  /** The picture that is shown (PNG with its recipe), the drawing (PNG), and the params. */
  snapshot(): Promise<Snapshot> {
    return this.#studio.result.finals.snapshot();
  }

  /** Put a picture on the paper; one with a recipe brings back params and drawing. */
  async load(source: Blob | string): Promise<void> {
    await this.#studio.open(source);
  }

  /** Lay a mask over the picture, in place of any before: white, where it is painted anew; null takes it away. */
  async loadMask(source: Blob | string | null): Promise<void> {
    if (source === null) this.#studio.canvas.turn("unmask");
    else await this.#studio.open(source, "mask");
  }

  /** Mask what is not masked, and nothing else. */
  invertMask(): void {
    this.#studio.canvas.turn("invert");
  }

  /** Make the final picture; resolves with it after the `submit` event. */
  refine(): Promise<Snapshot> {
    return this.#studio.submit();
  }

  /** The drawings to begin with. */
  get examples(): readonly Example[] {
    return this.drawings;
  }

  set examples(examples: readonly Example[] | string) {
    if (typeof examples === "string") this.setAttribute("examples", examples);
    else {
      this.#studio.showExamples(examples ?? []);
      this.drawings = examples ?? [];
    }
  }

  /** Begin with one of the examples at random, under a new seed. */
  surprise(): void {
    this.#studio.canvas.examples.any();
  }

  /** What the pen draws with; setting changes what is given of it, and throws `invalid_drawing`. */
  get brush(): Brush {
    return { ...this.#studio.canvas.paper.brush };
  }

  set brush(change: Partial<Brush>) {
    const [{ tool, colour, size } = this.brush] = fromJson([{ ...this.brush, ...change, points: [[0, 0]] }]);
    this.#studio.canvas.setBrush({ tool, colour, size });
  }

  /** Draw strokes as by hand, given as in examples and recipes; throws `invalid_drawing`. */
  draw(strokes: readonly StrokeJson[]): void {
    this.#studio.canvas.draw(fromJson(strokes));
  }

  clear(): void {
    this.#studio.canvas.clear();
  }

  undo(): void {
    this.#studio.canvas.undo();
  }

  redo(): void {
    this.#studio.canvas.paper.redo();
  }

  /** The page has another model make the final pictures, whatever the user chose before. */
  private finish(model: string): void {
    this.finisher = null;
    this.#studio.finishWith(model);
  }

  private async keep(): Promise<void> {
    const { keeping, result } = this.#studio;
    if (!(await keeping.open(() => identify(this)))) return;
    result.history.open(keeping.key);
    this.#studio.refreshParams();
  }

  /** Take examples as JSON, or from the address of such a file. */
  private async loadExamples(text: string): Promise<void> {
    const inline = text.trimStart().startsWith("[");
    try {
      const json: unknown = inline ? JSON.parse(text) : await (await fetch(new URL(text, document.baseURI))).json();
      if (this.getAttribute("examples") === text) this.examples = json as Example[];
    } catch (error) {
      const message = error instanceof LivedraftError ? error.message : String(error);
      this.emitError(
        new LivedraftError({ code: "invalid_drawing", message, fix: "see the page on embedding for the format" }),
      );
    }
  }
}
