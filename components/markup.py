"""An element's tag, safe inside Gradio's templates, and the script that joins it to Gradio."""

from __future__ import annotations

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


# Gradio runs this once for each component; element, props, trigger, upload and watch are its own.
# The value follows the drawing when the pen rests, so that a form's button finds it current; live
# frames never pass through Gradio.
SKETCH_SCRIPT = """
const el = element.querySelector("livedraft-sketch");
element.closest(".html-container")?.style.setProperty("padding", "0"); // meant for text
const REST_MS = 300;
let timer, newest = 0, quiet = false;

const stored = async (blob, name) => {
  if (!blob) return null;
  const { path, url } = await upload(new File([blob], name, { type: blob.type }));
  const meta = { _type: "gradio.FileData" };
  return { path, url, orig_name: name, mime_type: blob.type, size: blob.size, meta };
};
const hold = async (made) => {
  clearTimeout(timer);
  const mine = ++newest;
  const { image, sketch, params } = await made;
  const files = await Promise.all([stored(image, "image.png"), stored(sketch, "sketch.png")]);
  if (mine !== newest) return false;
  props.value = { image: files[0], sketch: files[1], params };
  return true;
};
const rest = () => {
  clearTimeout(timer);
  timer = setTimeout(() => hold(el.snapshot()), REST_MS);
};
const on = (name, act) => el.addEventListener(name, (event) => {
  if (event instanceof CustomEvent && !quiet) act(event.detail);
});
on("ready", ({ params }) => trigger("ready", params));
on("input", ({ params }) => { trigger("input", params); rest(); });
on("stroke", ({ params }) => { trigger("stroke", params); rest(); });
on("change", rest);
on("submit", async (detail) => { if (await hold(detail)) trigger("submit", detail.params); });
on("clear", ({ params }) => {
  clearTimeout(timer);
  newest += 1;
  props.value = null;
  trigger("clear", params);
});

const given = (from, names) => Object.fromEntries(
  names.filter((name) => from[name] !== undefined && from[name] !== null)
    .map((name) => [name, from[name]]));
const PARAMS = [
  "prompt", "style", "seed", "strength", "steps", "size", "palette", "loras"
];
const take = async () => {
  const value = props.value;
  quiet = true;
  try {
    if (!value) el.clear();
    else {
      el.params = { ...value.params, ...given(value, PARAMS) };
      if (value.sketch) { el.clear(); await el.load(value.sketch.url); }
    }
  } finally { quiet = false; }
};
watch(PARAMS, () => { el.params = given(props, PARAMS); });
watch("value", take);
watch("label", () => {
  const group = element.querySelector("[role=group]");
  group?.setAttribute("aria-label", props.label ?? "");
  const label = element.querySelector(".sketch-label");
  if (label) label.textContent = props.label ?? "";
});
if (props.value) take();
"""
