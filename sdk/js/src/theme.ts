/** Follows the page's theme: the `theme` attribute, a `.dark` ancestor as Gradio sets it, the system. */

export class Theme {
  private readonly system = matchMedia("(prefers-color-scheme: dark)");
  private readonly observer = new MutationObserver(() => this.apply());
  readonly apply = (): void => this.set(this.dark() ? "dark" : "light");

  constructor(private readonly host: HTMLElement, private readonly set: (theme: "dark" | "light") => void) {}

  start(): void {
    this.system.addEventListener("change", this.apply);
    for (const each of [document.documentElement, document.body, this.host]) {
      this.observer.observe(each, { attributes: true, attributeFilter: ["class", "theme"] });
    }
    this.apply();
  }

  stop(): void {
    this.system.removeEventListener("change", this.apply);
    this.observer.disconnect();
  }

  private dark(): boolean {
    const asked = this.host.getAttribute("theme");
    if (asked === "dark" || asked === "light") return asked === "dark";
    if (this.host.closest(".dark")) return true;
    return !this.host.closest(".gradio-container") && this.system.matches;
  }
}
