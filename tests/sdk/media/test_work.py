"""Small files that ask for much work: refused, or done in bounded time and memory."""

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from tests.costs import cpu_seconds

from livedraft.errors import InvalidImage
from livedraft.media import images, parts

SIDE = 4096
MOST_S = 8.0  # of CPU; 0.5 where nothing else runs, 2.3 where a machine's cores are shared
QUICK_S = 0.25
MOST_MIB = 600  # of a WebP with 65,536 groups of codes; others take up to 350


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int = 8, colour: int = 6) -> bytes:
    """Return a blank PNG, packed without holding its pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line * 64) for _ in range(height // 64))
    packed += packer.compress(line * (height % 64)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + palette
        + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )  # fmt: skip


def saved(mode: str, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (SIDE, SIDE)).save(out, kind, **how)
    return out.getvalue()


def scans(data: bytes, count: int) -> bytes:
    """Return a progressive JPEG with its first scan repeated up to so many."""
    first = data.index(b"\xff\xda")
    scan = data[first : data.index(b"\xff\xc4", first)]
    return data[:first] + scan * (count - data.count(b"\xff\xda")) + data[first:]


class Bits:
    """Bits, the least significant first, as lossless WebP packs them."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self._rest, self._count = 0, 0

    def put(self, value: int, count: int) -> None:
        self._rest |= value << self._count
        self._count += count
        while self._count >= 8:
            self.bytes.append(self._rest & 255)
            self._rest >>= 8
            self._count -= 8


def many_codes(side: int) -> bytes:
    """Return a lossless WebP whose blocks of 4 × 4 px have 65,536 groups of prefix codes.

    A group takes 20 bits in the file and 5 kB in a decoder. See RFC 9649, 3.7.
    """
    bits = Bits()
    for value, count in [(0x2F, 8), (side - 1, 14), (side - 1, 14), (0, 1), (0, 3)]:
        bits.put(value, count)
    for value, count in [(0, 1), (0, 1), (1, 1), (0, 3), (0, 1)]:
        bits.put(value, count)  # no transform, no cache, groups by blocks of 4 px
    _eight_bit_code(bits, beyond=24)  # of green, with lengths of copies
    _eight_bit_code(bits, beyond=0)  # of red
    for _ in range(3):
        bits.put(0b0001, 4)  # of blue, alpha and distances: one symbol, 0
    for block in range((side // 4) ** 2):  # green and red name its group
        for value in (block & 255, block >> 8 & 255):
            bits.put(int(f"{value:08b}"[::-1], 2), 8)
    for _ in range(65_536 * 5):
        bits.put(0b0001, 4)
    bits.put(0, 32)
    body = b"WEBPVP8L" + struct.pack("<I", len(bits.bytes)) + bits.bytes
    body += bytes(len(bits.bytes) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _eight_bit_code(bits: Bits, beyond: int) -> None:
    """Write a prefix code in which 256 symbols have 8 bits, and those beyond them none."""
    bits.put(0, 1)
    bits.put(8, 4)  # lengths of 12 length codes follow: 17, 18, 0 … 5, 16, 6, 7, 8
    for length in (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8):
        bits.put(length == 8 or (length == 18 and beyond > 0), 3)
    bits.put(0, 1)
    if beyond:
        bits.put(0, 256)
        bits.put(1, 1)
        bits.put(beyond - 11, 7)  # 18: so many zeros


LARGE = {
    "png-8": lambda: png(SIDE, SIDE),
    "png-16": lambda: png(SIDE, SIDE, depth=16),
    "png-palette": lambda: png(SIDE, SIDE, colour=3),
    "png-tall": lambda: png(1024, images.MAX_SIDE),
    "jpeg-scans": lambda: scans(
        saved("CMYK", "JPEG", progressive=True, subsampling=0), parts.MOST_SCANS
    ),
    "webp-codes": lambda: many_codes(SIDE),
    "webp": lambda: saved("RGBA", "WEBP", method=0),
    "webp-lossless": lambda: saved("RGBA", "WEBP", method=0, lossless=True),
}
MEASURE = """
import resource, sys, time
from livedraft.media import images
data = sys.stdin.buffer.read()
images.decode(images.encode(images.Image.new("RGB", (9, 9))))
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
before, start = peak(), time.process_time()
image = images.decode(data, within=(1024, 1024))
assert max(image.size) == 1024
print(time.process_time() - start, (peak() - before) / 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peaks are read from Linux")
@pytest.mark.parametrize("kind", LARGE)
def test_the_largest_that_is_accepted_costs_bounded_time_and_memory(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=LARGE[kind](), capture_output=True, check=True
    )
    seconds, mib = map(float, done.stdout.split())
    assert seconds < MOST_S
    assert mib < MOST_MIB


BASE = png(8, 8)
MOVING = io.BytesIO()
Image.new("RGB", (8, 8), "red").save(
    MOVING, "PNG", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")] * 3
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (png(1, 16_777_216, colour=0), "16383 px a side"),
        (png(16_777_216, 1, colour=0), "16383 px a side"),
        (png(8, 8)[:-12] + chunk(b"teXt", b"") * 500_000, "parts"),
        (BASE[:33] + chunk(b"IDAT", b"") * 500_000 + BASE[33:], "parts"),
        ((Path(__file__).parent / "cases/progressive-200-scans.jpg").read_bytes(), "scans"),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(10) + b"abcd\0\0\0\0" * 500_000, "parts"),
    ],
)  # fmt: skip
def test_more_work_than_a_picture_needs_is_refused_quickly(data: bytes, message: str) -> None:
    with pytest.raises(InvalidImage, match=message) as caught:
        images.decode(data)
    assert caught.value.fix

    def refused() -> None:
        with suppress(InvalidImage):
            images.decode(data)

    assert cpu_seconds(refused, enough=QUICK_S) < QUICK_S


def test_what_is_packed_beyond_the_pixels_is_not_unpacked() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", 8, 8, 8, 6, 0, 0, 0)
    bomb = chunk(b"IHDR", head) + chunk(b"zTXt", b"livedraft\0\0" + packed)
    bomb += chunk(b"iCCP", b"x\0\0" + packed) + chunk(b"IDAT", packed)
    data = b"\x89PNG\r\n\x1a\n" + bomb
    assert images.decode(data).size == (8, 8)
    assert cpu_seconds(lambda: images.decode(data), enough=QUICK_S) < QUICK_S


def test_of_a_moving_picture_the_first_frame_counts() -> None:
    assert images.decode(MOVING.getvalue()).getpixel((0, 0)) == (255, 0, 0)
    webp = io.BytesIO()
    frames = [Image.new("RGB", (256, 256), (i, 255, 0)) for i in range(200)]
    Image.new("RGB", (256, 256), "red").save(
        webp, "WEBP", save_all=True, append_images=frames, lossless=True
    )
    taken = parts.take_apart(webp.getvalue())
    assert taken.pixels.count(b"ANMF") == 1
    assert images.decode(webp.getvalue()).getpixel((0, 0)) == (255, 0, 0)


def test_every_scan_count_that_common_software_writes_is_taken() -> None:
    for mode in ("L", "RGB", "CMYK"):
        out = io.BytesIO()
        Image.new(mode, (64, 64)).save(out, "JPEG", progressive=True, subsampling=0)
        assert images.decode(out.getvalue()).size == (64, 64)
        behind = out.getvalue() + out.getvalue() * 30  # a phone's second pictures and films
        assert images.decode(behind).size == (64, 64)
