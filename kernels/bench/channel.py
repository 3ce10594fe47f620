"""Frames over a private socket: a nonce, a JSON header, raw bytes. Nothing is ever unpickled."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NONCE_BYTES = 16
MOST_HEADER_BYTES = 1 << 20
_HEAD = struct.Struct(f">4s{NONCE_BYTES}sIQ")  # magic, nonce, bytes of the header, of the rest
_MAGIC = b"ldk1"


class Closed(Exception):
    """The other end is gone."""


class Late(Exception):
    """The deadline passed before a whole frame came."""


class Garbled(Exception):
    """What came is no frame."""


class TooLarge(Exception):
    """A frame came that is larger than anything that was asked for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; ``blobs`` are cut as its header says."""

    nonce: bytes
    header: dict[str, Any]
    blobs: list[memoryview]


class Channel:
    """One end of the socket; not for two threads at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(
        self,
        nonce: bytes,
        header: dict[str, Any],
        blobs: Sequence[bytes | memoryview] = (),
        deadline: float | None = None,
    ) -> None:
        """Send one frame; raise Closed or Late where nobody reads."""
        lengths = [len(blob) for blob in blobs]
        text = json.dumps(header | {"blobs": lengths}).encode()
        try:
            self._end.settimeout(_left(deadline))
            self._end.sendall(_HEAD.pack(_MAGIC, nonce, len(text), sum(lengths)) + text)
            for blob in blobs:
                self._end.settimeout(_left(deadline))
                self._end.sendall(blob)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed from error

    def receive(self, most: int, deadline: float | None = None) -> Frame:
        """Return the next frame of at most ``most`` bytes; ``deadline`` is a monotonic time, s."""
        head = self._exactly(_HEAD.size, deadline)
        magic, nonce, of_header, of_body = _HEAD.unpack(head)
        if magic != _MAGIC or of_header > MOST_HEADER_BYTES:
            raise Garbled
        if of_body > most:
            raise TooLarge
        text, body = self._exactly(of_header, deadline), self._exactly(of_body, deadline)
        try:
            header = json.loads(bytes(text))
            lengths = header.pop("blobs")
            ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Garbled from error
        if (ends[-1] if ends else 0) != of_body or any(length < 0 for length in lengths):
            raise Garbled
        cut = [body[end - length : end] for end, length in zip(ends, lengths, strict=True)]
        return Frame(nonce, header, cut)

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def _exactly(self, count: int, deadline: float | None) -> memoryview:
        room = memoryview(bytearray(count))
        got = 0
        while got < count:
            self._end.settimeout(_left(deadline))
            try:
                came = self._end.recv_into(room[got:])
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise Closed from error
            if not came:
                raise Closed
            got += came
        return room


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise Late
    return left
