/** A row of colours that are edited, moved and taken out, by pointer and by keyboard. */

import { button } from "./button.ts";
import { along, h, show } from "./dom.ts";

const DRAG_PX = 6; // of movement that make a press a drag
const HEX = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i;

export class Swatches {
  readonly root: HTMLElement;
  /** The fields for one colour; hidden while none is edited. */
  readonly editor: HTMLElement;
  private colours: string[] = [];
  private edited: number | null = null;
  private drag: { from: number; x: number; moved: boolean } | null = null;
  private readonly buttons: HTMLButtonElement[];
  private readonly well = h("input", { type: "color", "aria-label": "Colour" });
  private readonly text = h("input", {
    type: "text",
    maxlength: 7,
    spellcheck: "false",
    "aria-label": "Colour as #rrggbb",
    autocomplete: "off",
  });
  private readonly before = button("left", "Move towards the main colour", () => this.move(this.edited, -1));
  private readonly after = button("right", "Move away from the main colour", () => this.move(this.edited, 1));

  constructor(
    most: number,
    private readonly change: (colours: string[]) => void,
  ) {
    this.buttons = Array.from({ length: most }, (_, i) => this.swatch(i));
    this.root = h("div", { class: "hues" }, ...this.buttons);
    this.well.addEventListener("input", () => this.set(this.well.value));
    this.text.addEventListener("input", () => this.typed());
    const remove = button("clear", "Remove this colour", () => this.remove(this.edited));
    this.editor = h(
      "div",
      { class: "editor", role: "group", "aria-label": "Edit the colour" },
      h("label", { class: "well" }, this.well),
      this.text,
      this.before,
      this.after,
      remove,
      button("done", "Done", () => this.close(true)),
    );
    this.editor.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && !(event.key === "Enter" && event.target === this.text)) return;
      event.preventDefault();
      this.close(true);
    });
    this.root.addEventListener("pointermove", (event) => this.dragged(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.root.addEventListener(end, () => setTimeout(() => (this.drag = null))); // after the click
    }
    show(this.editor, false);
  }

  show(colours: readonly string[]): void {
    this.colours = [...colours];
    this.buttons.forEach((each, i) => {
      const colour = this.colours[i];
      show(each, colour !== undefined);
      if (colour === undefined) return;
      each.style.setProperty("--swatch", colour);
      each.setAttribute(
        "aria-label",
        `Colour ${i + 1} of ${this.colours.length}${i === 0 ? ", the main one" : ""}: ${colour}`,
      );
      each.setAttribute("aria-expanded", String(this.edited === i));
    });
    show(this.root, this.colours.length > 0);
    if (this.edited !== null) this.showEdited(this.edited);
  }

  /** Open the fields for one colour. */
  edit(index: number): void {
    this.edited = index;
    show(this.editor, true);
    this.show(this.colours);
    this.well.focus();
  }

  private showEdited(index: number): void {
    const colour = this.colours[index];
    if (colour === undefined) return this.close(false);
    this.well.value = colour;
    this.well.style.setProperty("--swatch", colour);
    const focus = (this.text.getRootNode() as ShadowRoot).activeElement;
    if (focus !== this.text || !HEX.test(this.text.value)) this.text.value = colour;
    this.before.setAttribute("aria-disabled", String(index === 0));
    this.after.setAttribute("aria-disabled", String(index === this.colours.length - 1));
  }

  private close(focus: boolean): void {
    const was = this.edited;
    this.edited = null;
    show(this.editor, false);
    this.show(this.colours);
    if (focus && was !== null) this.buttons[was]?.focus();
  }

  private typed(): void {
    const [, digits] = HEX.exec(this.text.value.trim()) ?? [];
    if (!digits) return;
    const whole = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
    this.set(`#${whole.toLowerCase()}`);
  }

  private set(colour: string): void {
    if (this.edited === null) return;
    this.give(this.colours.map((each, i) => (i === this.edited ? colour : each)));
  }

  private remove(index: number | null): void {
    if (index === null) return;
    if (this.edited !== null) this.close(false);
    const left = this.colours.filter((_, i) => i !== index);
    this.give(left);
    this.buttons[Math.min(index, left.length - 1)]?.focus();
  }

  private move(index: number | null, step: number): void {
    const to = (index ?? 0) + step;
    if (index === null || to < 0 || to >= this.colours.length) return;
    const moved = [...this.colours];
    moved.splice(to, 0, ...moved.splice(index, 1));
    if (this.edited === index) this.edited = to;
    this.give(moved);
  }

  private give(colours: string[]): void {
    this.show(colours);
    this.change(colours);
  }

  private swatch(index: number): HTMLButtonElement {
    const press = (): void => {
      if (this.drag?.moved) return;
      if (this.edited === index) this.close(false);
      else this.edit(index);
    };
    const made = h("button", {
      type: "button",
      class: "hue",
      "aria-expanded": "false",
      title: "Edit; drag or Shift+arrows to move, Delete to remove",
      onclick: press,
    });
    made.addEventListener("keydown", (event) => this.key(event, index));
    made.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.drag = { from: index, x: event.clientX, moved: false };
    });
    return made;
  }

  private key(event: KeyboardEvent, index: number): void {
    const step = along(event.key, this.root);
    if (step) {
      if (event.shiftKey) this.move(index, step);
      this.buttons[Math.min(this.colours.length - 1, Math.max(0, index + step))]?.focus();
    } else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
    else return;
    event.preventDefault();
  }

  private dragged(event: PointerEvent): void {
    const { drag } = this;
    if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < DRAG_PX)) return;
    if (!drag.moved) this.root.setPointerCapture(event.pointerId);
    drag.moved = true;
    const over = this.buttons.findIndex((each) => {
      const { left, right } = each.getBoundingClientRect();
      return !each.hidden && event.clientX >= left && event.clientX < right;
    });
    if (over < 0 || over === drag.from) return;
    const from = drag.from;
    drag.from = over;
    this.move(from, over - from);
  }
}
