"""An element's tag, safe inside Gradio's templates, and what joins any of them to Gradio."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Any

# Gradio runs a template through Handlebars and as a JavaScript template literal: these would act.
_ACTIVE = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;", "\\": "&#92;"})


class Script(str):
    """An expression that the page evaluates when it makes a tag, for what only the page knows."""


# Where the app is served, also behind a proxy that gives it a path: its page knows. Within a
# <gradio-app> on another site's page, the element asks at the address of that.
HOME = Script(
    "window.gradio_config ? (root => root.hostname === location.hostname ? root.pathname : root)"
    "(new URL(`${window.gradio_config.root ?? ''}/`, location.origin)) : '.'"
)


def tag(name: str, **attributes: Any) -> str:
    """Return an element's tag; None and False leave an attribute out, True leaves it empty."""
    written = [
        f' {key.replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    return f"<{name}{''.join(written)}></{name}>"


def labelled(inner: str, label: str | None, *, shown: bool) -> str:
    """Return markup under a label, which also names it for those who do not see it."""
    if not label:
        return inner
    text = _text(label)
    above = f'<div class="sketch-label" aria-hidden="true">{text}</div>' if shown else ""
    return f'<div role="group" aria-label="{text}">{above}{inner}</div>'


def _text(value: Any) -> str:
    if isinstance(value, Script):
        return f"${{{value}}}"
    return "" if value is True else escape(str(value)).translate(_ACTIVE)


# As Gradio writes the labels of its own components that have none of the floating kind.
LABEL_CSS = """
.sketch-label {
  margin-bottom: var(--spacing-lg);
  color: var(--block-title-text-color);
  font-size: var(--block-title-text-size);
  font-weight: var(--block-title-text-weight);
  line-height: var(--line-sm);
}
"""


# Gradio runs it once for each component; element, props, trigger, upload and watch are its own.
_EVERY = """
const el = element.querySelector(TAG);
element.closest(".html-container")?.style.setProperty("padding", "0"); // meant for text
let quiet = false; // while Python changes something, which is nothing that a user did
const on = (name, act) => el.addEventListener(name, (event) => {
  if (event instanceof CustomEvent && !quiet) act(event.detail);
});
const PARAMS = [...new Set([...NAMES, ...el.constructor.params])];
const given = (from) => Object.fromEntries(
  PARAMS.filter((name) => from[name] !== undefined && from[name] !== null)
    .map((name) => [name, from[name]]));
watch(PARAMS, () => { el.params = given(props); });
watch("label", () => {
  const group = element.querySelector("[role=group]");
  group?.setAttribute("aria-label", props.label ?? "");
  const label = element.querySelector(".sketch-label");
  if (label) label.textContent = props.label ?? "";
});
"""


def on_load(element: str, params: Iterable[str], joining: str) -> str:
    """Return the script that joins an element to Gradio.

    What all of them do comes first: params and the label follow Python. ``joining`` then finds
    ``el``, ``on`` for its events, ``quiet`` and ``given(values)``, the params among values.
    """
    known = f"const TAG = {json.dumps(element)}, NAMES = {json.dumps(sorted(params))};"
    return known + _EVERY + joining
