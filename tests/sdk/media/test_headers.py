"""Sizes from headers: the same as a decoder's, refusals for the rest, never much work."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from livedraft.errors import InvalidImage
from livedraft.media import headers, images


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def saved(kind: str, size: tuple[int, int], mode: str = "RGB", **how: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal").save(out, kind, **how)
    return out.getvalue()


PNG = saved("PNG", (30, 20))
HEAD, PIXELS = PNG[:33], PNG[33:]
JPEG = saved("JPEG", (30, 20))
MANY = headers.MOST_PARTS + 1


@pytest.mark.parametrize("size", [(1, 1), (30, 20), (700, 3), (2, 1025)])
@pytest.mark.parametrize(
    ("kind", "mode", "how"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {"transparency": 0}),
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {"icc_profile": bytes(200_000), "comment": "x"}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("WEBP", "RGB", {"exif": b"Exif\x00\x00x"}),
    ],
)
def test_every_kind_tells_its_size(
    kind: str, mode: str, how: dict[str, object], size: tuple[int, int]
) -> None:
    assert headers.size(saved(kind, size, mode, **how)) == size


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "known type"),
        (b"GIF89a" + bytes(20), "known type"),
        (b"<svg/>", "known type"),
        (PNG[:20], "cut off"),
        (PNG[:36], "cut off"),
        (JPEG[:25], "cut off"),
        (saved("WEBP", (9, 9))[:25], "damaged|cut off"),
        (b"\xff\xd8\xff\xd9", "no size"),
        (b"\xff\xd8\xff\xfe\x00\x04xxyyyy", "damaged"),
        (HEAD[:16] + bytes(8) + HEAD[24:] + PIXELS, "no size"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8L" + bytes(20), "damaged"),
        (HEAD + chunk(b"abCd", b"") * MANY + PIXELS, "parts"),
        (b"\xff\xd8" + b"\xff\xfe\x00\x02" * MANY + JPEG[2:], "parts"),
        (b"\xff\xd8" + b"\xff" * 5000 + JPEG[2:], "parts"),
    ],
)
def test_what_is_no_header_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidImage, match=message) as caught:
        headers.size(data)
    assert caught.value.fix


def test_a_jpeg_without_lengths_does_not_go_round_in_circles() -> None:
    with pytest.raises(InvalidImage):
        headers.size(b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1000)


def test_texts_are_not_unpacked_to_tell_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack(*_: object) -> None:
        raise AssertionError("unpacked")

    bomb = chunk(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(10**6)))
    monkeypatch.setattr(zlib, "decompressobj", unpack)
    assert images.probe(HEAD + bomb * 60 + PIXELS) == (30, 20)


@given(st.sampled_from([PNG, JPEG, saved("WEBP", (9, 9))]), st.data())
def test_broken_headers_are_refused_or_read(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, min(len(data), 64) - 1))
    broken = data[:at] + bytes([draw.draw(st.integers(0, 255))]) + data[at + 1 :]
    cut = broken[: draw.draw(st.integers(0, len(broken)))]
    for each in (broken, cut):
        try:
            width, height = headers.size(each)
        except InvalidImage:
            continue
        assert width > 0
        assert height > 0
