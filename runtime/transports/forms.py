"""Forms, ``multipart/form-data``: held in memory alone, bounded, in UTF-8."""

from __future__ import annotations

from collections.abc import AsyncIterator

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from livedraft.errors import BadMessage
from livedraft.protocol.values import check
from livedraft.protocol.words import MOST_PICTURES

_MOST_FIELDS = 100  # of a form: more than any model has params


class _InMemory(MultiPartParser):
    """Starlette's parser, with no file in it put on the disk: photographs are held in memory alone.

    How much that may be is bounded with the body that they come in.
    """

    spool_max_size = 0  # no such size; Starlette's own is 1 MiB


async def fields_of(request: Request) -> AsyncIterator[tuple[str, str | bytes]]:
    """Yield the names of a form with their texts, or the bytes of their files; raise BadMessage."""
    _check_charset(request.headers["content-type"])
    try:
        form = await _InMemory(
            request.headers, request.stream(), max_files=MOST_PICTURES, max_fields=_MOST_FIELDS
        ).parse()
    except (MultiPartException, KeyError) as error:
        raise BadMessage(
            f"not a form: {str(error)[:100]}", fix="send multipart/form-data"
        ) from None
    try:
        for name, value in form.multi_items():
            check(name)
            if isinstance(value, UploadFile):
                yield name, await value.read()
            else:
                check(value)
                yield name, value
    finally:
        await form.close()


def _check_charset(content_type: str) -> None:
    """Refuse all but UTF-8: some of Python's codecs take quadratic time, others make no text."""
    charset = parse_options_header(content_type)[1].get(b"charset", b"utf-8")
    if charset.lower() not in (b"utf-8", b"utf8"):
        raise BadMessage("a form of another charset", fix="send it as UTF-8")
