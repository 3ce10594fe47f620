"""A picture's size from its first bytes, in bounded time: safe on an event loop, whatever comes.

A decoder that merely opens a file may already unpack its texts and walk all its parts; a PNG of
60 kB can hold it for half a second. Formats: PNG (RFC 2083), JPEG (ITU-T T.81, annex B) and
WebP (RFC 9649).
"""

from __future__ import annotations

from livedraft.errors import InvalidImage

# Parts that may stand before the pixels. Cameras and editors write a few dozen at most.
MOST_PARTS = 256

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_JPEG_SIZES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame, every process
_JPEG_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_JPEG_ENDS = {0xD9, 0xDA}  # end of image, start of scan


def size(data: bytes) -> tuple[int, int]:
    """Return (width, height) in px; raise InvalidImage if it is no whole header of these types."""
    try:
        if data.startswith(_PNG):
            found = _png(data)
        elif data.startswith(b"\xff\xd8\xff"):
            found = _jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            found = _webp(data)
        else:
            raise InvalidImage(
                "not a picture of a known type", fix="send one of image/png, image/jpeg, image/webp"
            )
    except IndexError:
        raise InvalidImage("the picture is cut off in its header", fix="send it whole") from None
    if 0 in found:
        raise InvalidImage("the picture has no size", fix="send at least one px")
    return found


def _png(data: bytes) -> tuple[int, int]:
    at = len(_PNG) + 17  # the rest of IHDR and its checksum
    for _ in range(MOST_PARTS):
        if data[at + 4 : at + 8] == b"IDAT":
            return _big(data, 16, 4), _big(data, 20, 4)
        at += 12 + _big(data, at, 4)
    raise _too_many()


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(MOST_PARTS):
        if data[at] != 0xFF:
            raise InvalidImage("the picture is damaged in its header", fix="send it again whole")
        marker = data[at + 1]
        if marker in _JPEG_SIZES:
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        if marker in _JPEG_ENDS:
            raise InvalidImage("the picture has no size", fix="send it again whole")
        if marker == 0xFF:
            at += 1  # a fill byte
        else:
            at += 2 + (0 if marker in _JPEG_BARE else _big(data, at + 2, 2))
    raise _too_many()


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = _little(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise InvalidImage("the picture is damaged in its header", fix="send it again whole")


def _big(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(_bytes(data, at, count), "big")


def _little(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(_bytes(data, at, count), "little")


def _bytes(data: bytes, at: int, count: int) -> bytes:
    found = data[at : at + count]
    if len(found) < count:
        raise IndexError
    return found


def _too_many() -> InvalidImage:
    return InvalidImage(
        f"the picture has over {MOST_PARTS} parts before its pixels", fix="strip its metadata"
    )
