"""A picture's file taken apart: what its pixels need, and what else of it is of use.

Decoders are handed the first alone. A text bomb, half a million chunks, an animation's other
frames or a broken colour profile then cost nothing, and do no harm to a picture whose pixels are
fine. Formats: PNG (W3C, third edition), JPEG (ITU-T T.81, annex B), WebP (RFC 9649).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from livedraft.errors import InvalidImage

from .headers import MOST_PARTS

RECIPE_KEY = "livedraft"  # of the PNG text chunk that holds a picture's recipe
# The element's recipe holds the drawing, as strokes and as a PNG in base64: a photograph of
# 1024 × 1024 px is up to 6 MiB of it. Of what is packed, less than the 1 MiB that Pillow unpacks.
MOST_RECIPE_BYTES = 8 * 2**20
_MOST_PACKED_BYTES = 2**20 - 2**10
MOST_PROFILE_BYTES = 2 * 2**20  # of a colour profile; those of printing presses take up to 1.8 MiB

# Of a JPEG. Common software writes 18 at most (libjpeg for CMYK; 10 for RGB), and each scan may
# cost a walk over all pixels though it has but a few bytes.
MOST_SCANS = 24
_USUAL_BYTES = 512  # of a part on average, beyond the first MOST_PARTS; encoders write 8 kB ones

_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\x00\x00"
_ICC = b"ICC_PROFILE\x00"  # then number and count, a byte each
_OTHER_FRAMES = set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}  # lossless, arithmetic: no browser's
_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_EOI, _SOS, _APP0, _APP1, _APP2, _APP14, _COM = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE


@dataclass(slots=True)
class Parts:
    """What a file holds."""

    pixels: bytes = b""  # a file of the same type that holds nothing but one picture
    exif: bytes = b""  # as TIFF
    profile: bytes = b""  # ICC
    recipe: str = ""  # of a PNG's text


def take_apart(data: bytes) -> Parts:
    """Return the parts of a file whose header is known to be whole; raise InvalidImage.

    Takes time in proportion to the bytes and unpacks at most a profile and a recipe.
    """
    try:
        if data.startswith(_PNG):
            return _png(data)
        return _webp(data) if data.startswith(b"RIFF") else _jpeg(data)
    except (struct.error, IndexError):
        raise InvalidImage("the picture is damaged: it is cut off", fix="send it whole") from None


def _png(data: bytes) -> Parts:
    parts = Parts()
    kept, packed = [_PNG], list[bytes]()
    profile, recipe = b"", (b"", b"")  # the last of each counts, and it alone is unpacked
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            packed.append(body)
        elif kind == b"tRNS":
            kept.append(_chunk(kind, _transparency(body, depth=data[24], colour=data[25])))
        elif kind in (b"IHDR", b"PLTE"):
            kept.append(_chunk(kind, body))
        elif kind == b"eXIf":
            parts.exif = body
        elif kind == b"iCCP":
            profile = body
        elif kind in (b"tEXt", b"zTXt", b"iTXt") and body.startswith(RECIPE_KEY.encode() + b"\0"):
            recipe = kind, body
    parts.profile = _unpacked(profile.partition(b"\x00")[2][1:], MOST_PROFILE_BYTES)
    parts.recipe = _text(recipe[0], recipe[1][len(RECIPE_KEY) + 1 :])
    parts.pixels = b"".join([*kept, _chunk(b"IDAT", b"".join(packed)), _chunk(b"IEND", b"")])
    return parts


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    for _ in range(MOST_PARTS + len(data) // _USUAL_BYTES):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if kind == b"IEND":
            return
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if kind in (b"IHDR", b"PLTE") and checksum != zlib.crc32(kind + body):
            raise InvalidImage("the picture is damaged", fix="send it again whole")
        yield kind, body
        at += 12 + length
        if at == len(data):
            return  # decoders do without the end, too
    raise _too_many()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _transparency(body: bytes, depth: int, colour: int) -> bytes:
    """Return tRNS as if samples had 8 bits: pixels are decoded to those, a key would not match."""
    if colour not in (0, 2):
        return body[:256]
    most = 2**depth - 1
    samples = struct.unpack_from(">3H" if colour else ">H", body)
    return b"".join(struct.pack(">H", min(255, sample * 255 // most)) for sample in samples)


def _text(kind: bytes, body: bytes) -> str:
    """Return what follows a text's keyword."""
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed = body[:1] == b"\x01"
        body = body[2:].partition(b"\x00")[2].partition(b"\x00")[2]  # after language and keyword
    elif packed:
        body = body[1:]
    text = _unpacked(body, _MOST_PACKED_BYTES) if packed else body[: MOST_RECIPE_BYTES + 1]
    if len(text) > MOST_RECIPE_BYTES:
        return ""
    return text.decode("latin-1" if kind == b"tEXt" else "utf-8", errors="replace")


def _unpacked(packed: bytes, most: int) -> bytes:
    """Return what zlib packed, nothing if it is damaged or more than so many bytes."""
    try:
        found = zlib.decompressobj().decompress(packed, most + 1)
    except zlib.error:
        return b""
    return found if len(found) <= most else b""


def _jpeg(data: bytes) -> Parts:
    parts, kept, profile = Parts(), [b"\xff\xd8"], dict[int, bytes]()
    for marker, segment in _segments(data):
        body = segment[4:]
        if marker in _OTHER_FRAMES:
            raise InvalidImage("a JPEG of a rare kind", fix="save it as a usual JPEG or as PNG")
        if marker == _APP1 and body.startswith(_EXIF):
            parts.exif = parts.exif or body[len(_EXIF) :]
        elif marker == _APP2 and body.startswith(_ICC) and len(body) > len(_ICC) + 1:
            profile[body[len(_ICC)]] = body[len(_ICC) + 2 :]
        elif marker in (_APP0, _APP14) or not (_APP0 <= marker <= 0xEF or marker == _COM):
            kept.append(segment)
    # Wherever a decoder sees a scan begin, these two bytes stand.
    if kept[-1].count(b"\xff\xda") > MOST_SCANS:
        raise InvalidImage(f"a JPEG of over {MOST_SCANS} scans", fix="save it as a usual JPEG")
    parts.pixels = b"".join(kept)
    if sum(map(len, profile.values())) <= MOST_PROFILE_BYTES:
        parts.profile = b"".join(profile[number] for number in sorted(profile))
    return parts


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield markers with their segments; the first scan's goes to the end of the picture.

    Behind that stand a phone's second pictures and films.
    """
    at = 2
    for _ in range(MOST_PARTS + len(data) // _USUAL_BYTES):
        marker = data[at + 1]
        if data[at] != 0xFF or marker == _EOI:
            raise InvalidImage("the picture is damaged", fix="send it again whole")
        if marker == _SOS:
            end = data.find(b"\xff\xd9", at)
            yield marker, data[at : end + 2] if end > 0 else data[at:]  # the decoder tells
            return
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        yield marker, data[at:end]
        at = end
    raise _too_many()


def _webp(data: bytes) -> Parts:
    parts, kept = Parts(), [b"WEBP"]
    at, has_pixels = 12, False
    for _ in range(MOST_PARTS):
        if at == len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise IndexError
        at += 8 + length + length % 2
        if kind == b"VP8X":
            kept.append(_riff(kind, bytes([body[0] & 0b10010]) + body[1:]))  # animation and alpha
        elif kind == b"EXIF":
            parts.exif = body.removeprefix(_EXIF)
        elif kind == b"ICCP":
            parts.profile = body if length <= MOST_PROFILE_BYTES else b""
        elif kind == b"ANIM" or (kind in (b"ALPH", b"VP8 ", b"VP8L", b"ANMF") and not has_pixels):
            kept.append(_riff(kind, body))
            has_pixels = has_pixels or kind not in (b"ALPH", b"ANIM")
        at = min(at, len(data))  # some leave the last byte of padding out
    else:
        raise _too_many()
    parts.pixels = _riff(b"RIFF", b"".join(kept))
    return parts


def _riff(kind: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2)


def _too_many() -> InvalidImage:
    return InvalidImage("the picture's file has too many parts", fix="save it anew")
