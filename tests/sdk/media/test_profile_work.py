"""Colour profiles that ask for much work: what they say beside it counts, the work is not done."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms
from tests.costs import cpu_seconds

from livedraft.media import images

MOST_S = 1.0  # of CPU; a millisecond where nothing else runs


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def chain(length: int) -> bytes:
    """Return a multiProcessElements tag (ICC.1:2022, 10.16): so many curves and matrices.

    All refer to the same two elements.
    """
    power = b"parf" + bytes(4) + struct.pack(">HH4f", 0, 0, 1.01, 1, 0, 0)
    curve = b"curf" + bytes(4) + struct.pack(">HH", 1, 0) + power
    curves = b"cvst" + bytes(4) + struct.pack(">HH", 3, 3)
    curves += struct.pack(">II", len(curves) + 24, len(curve)) * 3 + curve
    matrix = b"matf" + bytes(4) + struct.pack(">HH", 3, 3)
    matrix += struct.pack(">12f", 1, 0.001, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
    at = 16 + 8 * 2 * length
    places = struct.pack(">4I", at, len(curves), at + len(curves), len(matrix)) * length
    head = b"mpet" + bytes(4) + struct.pack(">HHI", 3, 3, 2 * length)
    return head + places + curves + matrix


def profile(**more: bytes) -> bytes:
    """Return a display's profile with wide primaries, and more tags."""
    text = b"mluc" + bytes(4) + struct.pack(">IIHHII", 1, 12, 0x656E, 0x5553, 4, 28) + b"\0w\0w"
    gamma = b"para" + bytes(8) + fixed(2.2)
    tags = {"desc": text, "cprt": text, "rTRC": gamma, "gTRC": gamma, "bTRC": gamma, **more}
    points = {"wtpt": (0.9642, 1, 0.8249), "rXYZ": (0.61, 0.31, 0.02), "gXYZ": (0.2, 0.63, 0.06)}
    for name, point in {**points, "bXYZ": (0.15, 0.06, 0.74)}.items():
        tags[name] = b"XYZ " + bytes(4) + fixed(*point)
    table, body = b"", b""
    for name, tag in tags.items():
        at = 132 + 12 * len(tags) + len(body)
        table += name.encode() + struct.pack(">II", at, len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4sI", 132 + len(table) + len(body), b"lcms", 0x04300000)
    head += b"mntrRGB XYZ " + struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acspAPPL" + bytes(24)
    head += fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def with_profile(icc: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), (200, 80, 40)).save(out, "PNG", icc_profile=icc)
    return out.getvalue()


def test_a_chain_is_what_a_decoder_would_follow() -> None:
    icc = profile(D2B0=chain(1), D2B1=chain(1))
    given = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    wanted = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    followed = ImageCms.ImageCmsTransform(given, wanted, "RGB", "RGB").apply(
        Image.new("RGB", (4, 4), (200, 80, 40))
    )
    assert followed.getpixel((0, 0)) != images.decode(with_profile(icc)).getpixel((0, 0))


def test_a_chain_costs_nothing_and_the_profile_still_counts() -> None:
    icc = profile(D2B0=chain(1000))  # some 10 s, in 400 bytes
    assert len(zlib.compress(icc)) < 1000
    plain = images.decode(with_profile(profile()))
    assert plain.getpixel((0, 0)) != (200, 80, 40)
    assert cpu_seconds(lambda: images.decode(with_profile(icc)), enough=MOST_S) < MOST_S
    made = images.decode(with_profile(icc))
    assert made.getpixel((0, 0)) == plain.getpixel((0, 0))


@pytest.mark.parametrize("count", [0, 5, 101, 2**32 - 1])
def test_a_table_of_tags_that_lies_is_a_damaged_profile(count: int) -> None:
    icc = bytearray(profile(D2B0=chain(1000)))
    icc[128:132] = struct.pack(">I", count)
    data = with_profile(bytes(icc))
    assert cpu_seconds(lambda: images.decode(data), enough=MOST_S) < MOST_S
