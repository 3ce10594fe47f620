"""Say which extra is missing when one of its packages is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from livedraft.errors import MissingExtraError


@contextmanager
def needs_extra(extra: str, needed_for: str) -> Iterator[None]:
    """Turn the failed import of someone else's package into MissingExtraError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "livedraft":
            raise  # a fault of ours, no missing extra
        raise MissingExtraError(extra, needed_for) from error
