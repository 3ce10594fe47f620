"""The command line: ``serve``, ``generate``, ``talk`` and others; one file a verb.

Nothing here imports the runtime's heavy parts before its arguments are parsed.
"""

from __future__ import annotations

import click

from livedraft.version import __version__

from .generate import generate
from .kernels import kernels
from .lora import lora
from .mcp import mcp
from .models import models
from .plans import plans
from .restyle import restyle
from .serve import serve
from .talk import talk
from .terminal import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livedraft")
def main() -> None:
    """Real-time generative media: draw, and the picture follows the pen.

    \b
    livedraft serve                         open http://127.0.0.1:7860 and draw
    livedraft generate cat.png --prompt "an orange cat" -o out.png
    livedraft talk portrait.png speech.wav --consent -o out.mp4
    livedraft restyle clip.mp4 --style pastel -o out.mp4
    livedraft models ink                    what a model takes
    livedraft lora train pictures -o my.safetensors
    livedraft mcp                           tools for an AI assistant
    livedraft kernels bench mine.py         judge a kernel

    \b
    Exit status: 0 when it is done, 1 when it is refused or fails, 2 for a mistake in the command
    line, 130 after Ctrl+C.
    """


for verb in (serve, generate, talk, restyle, models, plans, lora, mcp, kernels):
    main.add_command(verb)
