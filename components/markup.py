"""An element's tag, safe inside Gradio's templates, and the script that joins it to Gradio."""

from __future__ import annotations

import sys
import zlib
from html import escape
from pathlib import Path
from typing import Any

# Gradio runs a template through Handlebars and as a JavaScript template literal: these would act.
_ACTIVE = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;", "\\": "&#92;"})


def tag(name: str, **attributes: Any) -> str:
    """Return an element's tag; None and False leave an attribute out, True leaves it empty."""
    written = [
        f' {key.replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    return f"<{name}{''.join(written)}></{name}>"


def program() -> str:
    """Return what tells this program from another on the same port, the same at each run."""
    main = Path(getattr(sys.modules["__main__"], "__file__", None) or Path.cwd()).resolve()
    run = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
    # An installed command, as `gradio app.py`, is told by what it runs.
    name = str(Path(run[0]).resolve()) if run and main.is_relative_to(sys.prefix) else str(main)
    return f"{zlib.crc32(name.encode()):08x}"


def _text(value: Any) -> str:
    return "" if value is True else escape(str(value)).translate(_ACTIVE)


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
if (props.value) take();
"""
