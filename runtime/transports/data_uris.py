"""Pictures as ``data:`` URIs in base64 (RFC 2397): no other address is followed from here."""

from __future__ import annotations

import base64
import binascii

from livedraft.errors import InvalidImage


def read_uri(value: object, word: str) -> bytes:
    """Return what an address holds; raise InvalidImage for ``word`` where it is none of these."""
    head, comma, data = value.partition(",") if isinstance(value, str) else ("", "", "")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        raise InvalidImage(
            f"{word}: no picture is fetched from elsewhere",
            fix="send its bytes, or data:image/png;base64,…",
        )
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise InvalidImage(f"{word}: no base64", fix="encode its bytes anew") from None


def data_uri(data: bytes, mime: str) -> str:
    """Return bytes as an address."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
