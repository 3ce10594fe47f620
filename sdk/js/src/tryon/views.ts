/** How the picture is looked at. */

import { h, show } from "../ui/dom.ts";
import type { Control } from "../ui/fields.ts";
import { segments } from "../ui/fields.ts";
import type { View } from "./stage/stage.ts";
import { VIEWS } from "./stage/stage.ts";
import type { Texts } from "./words/texts.ts";
import type { Words } from "./words/words.ts";

export class Views {
  readonly root = h("div", { class: "views" });
  private control: Control | null = null;
  private view: View = "picture";

  constructor(
    texts: Texts,
    private readonly look: (view: View) => void,
  ) {
    texts.say((words) => this.build(words));
    this.allow(false);
  }

  /** Offer it only where there is something to be seen. */
  allow(worn: boolean): void {
    show(this.root, worn);
  }

  show(view: View): void {
    this.view = view;
    this.control?.show(view);
  }

  private build({ view }: Words): void {
    const labels = Object.fromEntries(VIEWS.map((each) => [each, view[each]]));
    const kind = { reach: "all", kind: "choice", hint: "" } as const;
    this.control = segments({ ...kind, key: "view", title: view.label, choices: [...VIEWS], labels }, (value) => {
      this.view = value as View;
      this.look(this.view);
    });
    this.root.replaceChildren(this.control.root);
    this.control.show(this.view);
  }
}
