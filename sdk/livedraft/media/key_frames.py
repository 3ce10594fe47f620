"""How large a stream's frames are, from its key frame's first bytes, before any of it is decoded.

VP8 (RFC 6386, 9.1) and H.264 as Annex B (ITU-T H.264, 7.3.2.1), in bounded time.
"""

from __future__ import annotations

import re

from livedraft.errors import InvalidMedia

_START = re.compile(b"\0\0\1")
_MOST_UNITS = 64  # of a packet, that are looked through for parameters
_MOST_SPS_BYTES = 512  # with all its scaling lists
_SPS = 7  # NAL unit types
_SLICES = range(1, 6)
_HIGH = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}  # profiles that say more


def frame_size(codec: str, data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in px of "vp8" or "h264" as they are coded, None of no key frame.

    Of several the largest counts. Raises InvalidMedia for what is cut off or damaged there.
    """
    try:
        return _vp8(data) if codec == "vp8" else _h264(data)
    except IndexError:
        raise InvalidMedia("a key frame that is cut off", fix="send it whole") from None


def _vp8(data: bytes) -> tuple[int, int] | None:
    if not data or data[0] & 1:
        return None
    if data[3:6] != b"\x9d\x01\x2a":
        raise InvalidMedia("a key frame without its start code", fix="send it as VP8")
    return _little(data, 6) & 0x3FFF, _little(data, 8) & 0x3FFF


def _little(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8


def _h264(data: bytes) -> tuple[int, int] | None:
    found: list[tuple[int, int]] = []
    for number, start in enumerate(_START.finditer(data)):
        at = start.end()
        if number == _MOST_UNITS or at == len(data) or data[at] & 31 in _SLICES:
            break
        if data[at] & 31 == _SPS:
            unit = data[at + 1 : at + 1 + _MOST_SPS_BYTES]
            found.append(_sps(_Bits(unit.replace(b"\0\0\3", b"\0\0"))))
    return max(found, key=lambda size: size[0] * size[1]) if found else None


def _sps(bits: _Bits) -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)  # constraints, level
    bits.ue()
    if profile in _HIGH:
        chroma = bits.ue()
        if chroma == 3:
            bits.take(1)
        bits.ue()
        bits.ue()
        bits.take(1)
        if bits.take(1):
            for number in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _scaling_list(bits, 16 if number < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.take(1)
        bits.ue()
        bits.ue()
        for _ in range(min(bits.ue(), 255)):
            bits.ue()
    bits.ue()
    bits.take(1)
    width, height = bits.ue() + 1, bits.ue() + 1
    interlaced = not bits.take(1)
    return 16 * width, 16 * height * (1 + interlaced)


def _scaling_list(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            code = bits.ue()  # se(v), by 9.1.1
            following = (last + (code + 1 >> 1 if code & 1 else -(code >> 1))) % 256
        last = following or last


class _Bits:
    """Reads bits from the highest of each byte; raises IndexError beyond the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise IndexError
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """Return an Exp-Golomb code of at most 32 bits, 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise IndexError
        return (1 << zeros) - 1 + self.take(zeros)
