"""Metadata that asks for much work: each kind is read once, and no value is read but ours."""

import io
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image
from tests.costs import cpu_seconds
from tests.sdk.media.test_work import chunk

from livedraft.media import images
from livedraft.media.recipes import from_exif, orientation

MOST_S = 1.0  # of CPU; 0.1 where nothing else runs
VALUE = 2**20
COUNT = 2000  # of the same; they would take seconds, or gigabytes
ORIENTATION, EXIF_IFD = 0x0112, 0x8769


def entry(order: str, tag: int, kind: int, count: int, value: bytes) -> bytes:
    return struct.pack(f"{order}HHI", tag, kind, count) + value


def exif(order: str = ">", *first: bytes, claims: int = 0) -> bytes:
    """Return EXIF with these entries, and some that all claim the same large value."""
    more = [
        entry(order, 0x9000 + at, 7, VALUE, struct.pack(f"{order}I", 8)) for at in range(claims)
    ]
    entries = [*first, *more]
    head = (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}IH", 8, len(entries))
    return head + b"".join(entries) + bytes(4) + (bytes(VALUE) if claims else b"")


def with_chunks(*more: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 2), "red").save(out, "PNG")
    data = out.getvalue()
    end = data.rindex(b"IEND") - 4
    return data[:end] + b"".join(more) + data[end:]


COSTLY = {
    "recipes": lambda: [
        chunk(b"zTXt", b"livedraft\0\0" + zlib.compress(b"a" * (VALUE - 2**12)))
    ] * COUNT,
    "recipes too long": lambda: [
        chunk(b"zTXt", b"livedraft\0\0" + zlib.compress(bytes(2 * VALUE)))
    ] * COUNT,
    "profiles": lambda: [chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(2 * VALUE)))] * COUNT,
    "values": lambda: [chunk(b"eXIf", exif(claims=COUNT))],
    "values beneath": lambda: [
        chunk(
            b"eXIf",
            exif(">", entry(">", EXIF_IFD, 4, 1, struct.pack(">I", 8)), claims=COUNT)
            + b"ASCII\0\0\0livedraft:",
        )
    ],
    "prefixes": lambda: [chunk(b"eXIf", b"Exif\0\0" * VALUE)],
}  # fmt: skip


@pytest.mark.parametrize("kind", COSTLY)
def test_metadata_costs_no_more_than_its_length(kind: str) -> None:
    data = with_chunks(*COSTLY[kind]())
    assert len(data) < 8 * 2**20
    assert images.decode(data).size == (4, 2)
    assert cpu_seconds(lambda: images.decode(data), enough=MOST_S) < MOST_S
    tracemalloc.start()
    images.decode(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(data) + 8 * VALUE


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_both_orders_of_bytes_are_read_and_other_values_are_not(order: str, kind: int) -> None:
    packed = struct.pack(f"{order}{'HH' if kind == 3 else 'I'}", *([6, 0] if kind == 3 else [6]))
    turned = entry(order, ORIENTATION, kind, 1, packed)
    data = with_chunks(chunk(b"eXIf", exif(order, turned, claims=3)))
    assert images.decode(data).size == (2, 4)


@pytest.mark.parametrize("cut", range(0, 30))
def test_exif_that_is_cut_says_nothing(cut: int) -> None:
    whole = exif(">", entry(">", ORIENTATION, 3, 1, b"\0\6\0\0"))
    assert orientation(whole) == 6
    assert orientation(whole[:cut]) in (1, 6)
    assert from_exif(whole[:cut] + b"ASCII\0\0\0livedraft:") == ""
