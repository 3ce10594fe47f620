"""A bar on a terminal while models are loaded, below a log that does not run through it."""

from __future__ import annotations

import logging
import shutil
from typing import TextIO

_LEAST_CELLS, _MOST_CELLS = 8, 40


class Bar:
    """One line at the foot of a terminal, written anew at each change."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""

    def show(self, text: str, share: float | None) -> None:
        """Show what is waited for, and how much of it is done; None: nobody can tell."""
        columns = shutil.get_terminal_size().columns
        cells = min(_MOST_CELLS, columns - len(text) - 5)
        bar = ""
        if share is not None and cells >= _LEAST_CELLS:
            full = int(cells * share)
            bar = f"  [{'#' * full}{'.' * (cells - full)}]"
        self._draw((text + bar)[: columns - 1])

    def clear(self) -> None:
        """Take the line away."""
        self._draw("")

    def above(self, line: str) -> None:
        """Write a line of a log above it."""
        text, self._text = self._text, ""
        self._write(f"{_erased(text)}{line}\n")
        self._draw(text)

    def _draw(self, text: str) -> None:
        if text != self._text:
            before, self._text = self._text, text
            self._write(_erased(before) + text)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class AboveBar(logging.Handler):
    """Writes a log above a bar."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self._bar = bar

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            self._bar.above(self.format(record))
        except OSError:  # the terminal is gone, which ends no server
            self.handleError(record)


def _erased(text: str) -> str:
    """Return what takes a line off a terminal: not every one knows escapes."""
    return f"\r{' ' * len(text)}\r" if text else ""
