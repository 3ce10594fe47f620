"""Where a component lives: the app that it stands in, and the key of what a browser keeps of it."""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

from gradio import Blocks
from gradio.blocks import Block
from gradio.context import LocalContext


def app_of(block: Block) -> Blocks | None:
    """Return the app that a component stands in; None as long as it stands in none."""
    top = block
    while top.parent is not None:
        top = top.parent
    if isinstance(top, Blocks):
        return top
    return LocalContext.blocks.get(None)  # what gr.render makes has no parents up to the app


def program() -> str:
    """Return what tells this program from another on the same port, the same at each run.

    Visitors can read it: its place on the disk is in it as a digest alone.
    """
    main = Path(getattr(sys.modules["__main__"], "__file__", None) or Path.cwd()).resolve()
    run = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
    # An installed command, as `gradio app.py`, is told by what it runs.
    name = str(Path(run[0]).resolve()) if run and main.is_relative_to(sys.prefix) else str(main)
    return f"{zlib.crc32(name.encode()):08x}"


def state_key(block: Block, label: str | None) -> str:
    """Return what a browser keeps a component's drawing by: of this program, app and component.

    Programs may use one address one after the other, and each finds its own drawings again.
    """
    title = getattr(app_of(block), "title", None)
    if block.elem_id:
        own = ["id", block.elem_id]
    elif block.key is not None:
        own = ["key", str(block.key)]
    else:
        own = ["number", str(block._id)]
    return json.dumps([program(), title, label, *own])
