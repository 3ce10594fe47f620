"""Draw, and the picture follows the pen; the pictures that you use are kept with their recipes."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes import Soft
from PIL import Image

import livedraft
from livedraft.components import SketchToImage, SketchValue

ABOUT = """# Draw, and the picture follows the pen
Every stroke goes to a small model on this machine, and its picture comes back while you draw.
Begin with one of the ten drawings or with your own: say what it is, pick a style and colours, roll
the dice. *Refine* takes a few more steps and keeps the picture below, with all that it takes to
make it again. There are pages for the [camera](./camera), a [talking head](./head), and to
[try clothes on](./tryon), too.
"""
EXAMPLES = [
    json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "examples").glob("[!.]*.json"))
]
MOST_KEPT = 24
# Of this page, of the camera's (two), of /tryon and of /head.
MODELS = ["ink", "restyle", "loopback", "tryon", "head"]
TRY_ON = runpy.run_path(str(Path(__file__).parents[1] / "tryon/page.py"))
CSS = """
.kept .grid-container { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); padding: 0 }
.kept .grid-wrap { min-height: 0 !important }
"""

Kept = list[tuple[Image.Image, dict[str, Any]]]


def keep(value: SketchValue, kept: Kept) -> tuple[Kept, gr.Gallery]:
    """Put a used picture before those that are kept, and show them."""
    if value.image is not None:
        kept = [(value.image, value.image.info.get("livedraft", value.params)), *kept][:MOST_KEPT]
    shown = [(image, recipe.get("params", recipe).get("prompt", "")) for image, recipe in kept]
    return kept, gr.Gallery(shown, visible=bool(shown))


def show_recipe(kept: Kept, event: gr.SelectData) -> Any:
    """Return the recipe of the picture that was chosen, but for the drawing in it."""
    recipe = {name: value for name, value in kept[event.index][1].items() if name != "inputs"}
    return gr.JSON(recipe, visible=True)


def build() -> gr.Blocks:
    """Return the app."""
    demo = gr.Blocks(title="livedraft")
    with demo:
        gr.Markdown(ABOUT)
        sketch = SketchToImage(label="Sketch", examples=EXAMPLES)
        kept = gr.State([])
        gallery = gr.Gallery(
            show_label=False, visible=False, allow_preview=False, elem_classes="kept"
        )
        recipe = gr.JSON(label="Recipe", visible=False)
        sketch.submit(keep, [sketch, kept], [kept, gallery], show_progress="hidden")
        gallery.select(show_recipe, kept, recipe, show_progress="hidden")
    with demo.route("Try on", "/tryon"):
        TRY_ON["build"]()
    return demo


if __name__ == "__main__":
    try:
        livedraft.launch(build(), models=MODELS, css=CSS, theme=Soft(primary_hue="indigo"))
    except livedraft.ConfigError as error:  # such as a port that another program has
        sys.exit(f"Error: {error}")
