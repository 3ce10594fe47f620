"""Text as users hand it over, whole or as it is being written, to pieces of whole characters."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from contextlib import aclosing
from typing import TypeAlias

from livedraft.errors import InvalidMedia

from .streams import pieces_of

# A text, or its pieces as they come; those of an iterator may each take their time.
Text: TypeAlias = str | Iterable[str] | AsyncIterable[str]

PART = 8192  # characters of one message
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udbff]$")  # of a pair of UTF-16, whose other half comes next


async def parts(text: Text) -> AsyncGenerator[str, None]:
    """Yield the pieces of a text that can be sent, none of them empty; raise InvalidMedia.

    Halves of characters are joined where both are there, and else replaced, as control characters
    are.
    """
    half = ""
    async with aclosing(_pieces(text)) as pieces:
        async for piece in pieces:
            if not isinstance(piece, str):
                raise InvalidMedia(
                    f"a {type(piece).__name__} is no text",
                    fix="give a text, or an iterable of texts",
                )
            whole = half + piece
            found = _HALF.search(whole)
            half = found[0] if found else ""
            for part in _sendable(whole[: len(whole) - len(half)]):
                yield part
    for part in _sendable(half):
        yield part


def _sendable(text: str) -> Iterator[str]:
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    clean = _CONTROLS.sub(" ", joined)
    return (clean[at : at + PART] for at in range(0, len(clean), PART))


async def _pieces(text: Text) -> AsyncGenerator[object, None]:
    if isinstance(text, list | tuple):
        for piece in text:
            yield piece
    elif not isinstance(text, str) and isinstance(text, Iterable | AsyncIterable):
        async with aclosing(pieces_of(text)) as pieces:
            async for piece in pieces:
                yield piece
    else:
        yield text
