/** The element as a field of a form: what it sends along, and whether it is filled in. */

import type { Snapshot } from "./finals.ts";

export class FormField {
  private form: HTMLFormElement | null = null;
  private disabled = false;

  /** `anchor` is what the browser points at and focuses where something has to be drawn. */
  constructor(
    private readonly host: HTMLElement,
    private readonly internals: ElementInternals,
    private readonly anchor: HTMLElement,
    private readonly snapshot: () => Snapshot & { empty: boolean },
  ) {
    internals.role = "group";
    host.addEventListener("click", (event) => {
      if (event.composedPath()[0] === host) host.focus(); // its label was pressed
    });
  }

  /** Belong to a form, or to none. */
  join(form: HTMLFormElement | null): void {
    this.form?.removeEventListener("formdata", this.fill);
    this.form = form;
    form?.addEventListener("formdata", this.fill);
  }

  disable(disabled: boolean): void {
    this.disabled = disabled;
  }

  check(drawn: boolean): void {
    const missing = this.host.hasAttribute("required") && !drawn;
    if (missing) this.internals.setValidity({ valueMissing: true }, "Draw something.", this.anchor);
    else this.internals.setValidity({});
  }

  /**
   * Write the pictures when a form asks for its data, and not after each stroke: that costs the
   * pen nothing, and what is sent is never older than the drawing.
   */
  private readonly fill = ({ formData }: FormDataEvent): void => {
    const name = this.host.getAttribute("name");
    if (!name || this.disabled) return;
    const { image, sketch, mask, params, empty } = this.snapshot();
    if (!empty) formData.append(`${name}_sketch`, sketch, "sketch.png");
    if (mask) formData.append(`${name}_mask`, mask, "mask.png");
    if (image) formData.append(`${name}_image`, image, "image.png");
    formData.append(`${name}_params`, JSON.stringify(params));
  };
}
