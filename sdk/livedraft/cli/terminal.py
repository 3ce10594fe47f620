"""What every command owes a terminal: text in any encoding, a quiet end, an error with its fix."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import IO, Any

import click

from livedraft.errors import LivedraftError

INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT

_PLAIN = {"×": "x", "…": "...", "–": "-", "—": "-", "·": ".", "→": "->", "≥": ">=", "≤": "<="}
_PLAIN |= {"µ": "u", "“": '"', "”": '"', "’": "'"}


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding has no sign for in signs that it has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign, "?") for sign in lost), error.end


codecs.register_error("livedraft.plainly", _plainly)


def say(text: str) -> None:
    """Write a line to stdout; that its reader is gone ends nothing."""
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


class Commands(click.Group):
    """Commands whose errors are refusals, not tracebacks."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a sign that the terminal cannot show ends nothing."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="livedraft.plainly")
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LivedraftError as error:
            raise Refusal(error) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
