"""What the bodies of all requests under way may hold: memory, and a file for each part of a form.

A body may take ``body_s`` to come and is held until its request is answered. So a few clients that
stop in the middle would keep gigabytes of half bodies; and forms of empty files, 60 bytes each,
would keep as many descriptors open.
"""

from __future__ import annotations

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers

from livedraft.errors import ServerBusy

from .refusals import TooLarge

MOST_PARTS = 128  # of one form
MOST_PARTS_HELD = 512  # of all forms; each may be an open file
MOST_BODIES_HELD = 32  # of the largest size, or more that are smaller


class Bodies:
    """Counts what all bodies hold; each is at most ``most_bytes`` long."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = self.parts = 0

    def take(self, size: int, parts: int) -> None:
        """Count what came of a body; raise ServerBusy if all hold too much."""
        if self.bytes + size > MOST_BODIES_HELD * self.most_bytes:
            raise ServerBusy("too many large requests are under way", fix="try again in a while")
        if self.parts + parts > MOST_PARTS_HELD:
            raise ServerBusy("too many forms are under way", fix="try again in a while")
        self.bytes += size
        self.parts += parts


class Body:
    """One request's body as it comes."""

    def __init__(self, bodies: Bodies, headers: Headers) -> None:
        self._bodies = bodies
        self._bytes = self._parts = 0
        self._delimiter = _delimiter(headers.get("content-type", ""))
        self._tail = b""  # of what came, too short to hold a delimiter

    def take(self, chunk: bytes) -> None:
        """Count what came; raise TooLarge or ServerBusy."""
        parts = self._begun(chunk)
        if self._bytes + len(chunk) > self._bodies.most_bytes:
            raise self._too_large(f"a body of over {self._bodies.most_bytes} bytes")
        if self._parts + parts > MOST_PARTS:
            raise TooLarge(f"a form of over {MOST_PARTS} parts", fix="send fewer at a time")
        self._bodies.take(len(chunk), parts)
        self._bytes += len(chunk)
        self._parts += parts

    def expect(self, declared: str) -> None:
        """Refuse a body whose ``Content-Length`` is too large; raise TooLarge."""
        if declared.isdecimal() and int(declared) > self._bodies.most_bytes:
            raise self._too_large(f"a body of {declared[:20]} bytes")

    def release(self) -> None:
        """Count it no longer."""
        self._bodies.bytes -= self._bytes
        self._bodies.parts -= self._parts
        self._bytes = self._parts = 0

    def _too_large(self, what: str) -> TooLarge:
        most = self._bodies.most_bytes
        fix = f"send at most {most} bytes, or raise the setting 'max_message_bytes'"
        return TooLarge(what, fix=fix)

    def _begun(self, chunk: bytes) -> int:
        if not self._delimiter:
            return 0
        seen = self._tail + chunk
        self._tail = seen[-(len(self._delimiter) - 1) :]
        return seen.count(self._delimiter)


def _delimiter(content_type: str) -> bytes:
    """Return what every part of a form begins with (RFC 2046, 5.1.1), nothing if it is no form."""
    kind, options = parse_options_header(content_type)
    return b"--" + options.get(b"boundary", b"") if kind == b"multipart/form-data" else b""
