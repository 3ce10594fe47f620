"""The command line: ``serve``, ``generate``, ``models``, ``lora``, ``kernels``; one file a verb.

Nothing here imports the runtime's heavy parts before its arguments are parsed.
"""

from __future__ import annotations

from typing import IO, Any

import click

from livedraft.errors import LivedraftError
from livedraft.version import __version__

from .generate import generate
from .kernels import kernels
from .lora import lora
from .models import models
from .serve import serve


class Refusal(click.ClickException):
    """An error of ours on a terminal: what is wrong, then what to do about it."""

    def __init__(self, error: LivedraftError) -> None:
        super().__init__(error.message)
        self.fix = error.fix

    def show(self, file: IO[Any] | None = None) -> None:
        """Write both lines to stderr."""
        click.secho(f"Error: {self.message}", err=True, fg="red")
        if self.fix:
            click.echo(f"  Fix: {self.fix}", err=True)


class Verbs(click.Group):
    """Commands whose errors are refusals, not tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LivedraftError as error:
            raise Refusal(error) from error


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="livedraft")
def main() -> None:
    """Real-time generative media: draw, and the picture follows the pen.

    \b
    livedraft serve                         open http://127.0.0.1:7860 and draw
    livedraft generate cat.png --prompt "an orange cat" -o out.png
    livedraft models ink                    what a model takes
    livedraft lora train pictures -o my.safetensors
    livedraft kernels bench mine.py         judge a kernel
    """


for verb in (serve, generate, models, lora, kernels):
    main.add_command(verb)
