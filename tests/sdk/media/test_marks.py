"""Pictures leave marked, where readers of metadata look: found here as they find it."""

import io
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from livedraft.media.images import MIMES, decode, encode
from livedraft.media.marks import CHANGED, KEY, NONE, SOURCE_TYPE, SOURCES
from livedraft.media.parts import MOST_RECIPE_BYTES
from livedraft.media.recipes import read_recipe
from livedraft.media.sources import pack, write

RECIPE = {"model": "ink", "seed": 7, "params": {"prompt": "a fox"}}
PICTURE = Image.linear_gradient("L").convert("RGB")
EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def packet(data: bytes) -> bytes:
    """Return the XMP packet of a file, empty if it has none."""
    if data.startswith(b"\x89PNG"):
        at = 8
        while at < len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8 : at + 8 + length]
            (check,) = struct.unpack_from(">I", data, at + 8 + length)
            assert check == zlib.crc32(kind + body)
            if kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
                return body[len(b"XML:com.adobe.xmp\0") + 4 :]  # no packing, language or word
            at += 12 + length
    elif data.startswith(b"\xff\xd8"):
        at = 2
        while data[at + 1] != 0xDA:
            (length,) = struct.unpack_from(">H", data, at + 2)
            body = data[at + 4 : at + 2 + length]
            if data[at + 1] == 0xE1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
                return body.partition(b"\0")[2]
            at += 2 + length
    else:
        at = 12
        while at < len(data):
            kind, length = struct.unpack_from("<4sI", data, at)
            if kind == b"XMP ":
                return data[at + 8 : at + 8 + length]
            at += 8 + length + length % 2
    return b""


def source_type(xmp: bytes) -> str | None:
    """Return what a packet says of where its file comes from."""
    root = ElementTree.fromstring(xmp.decode("utf-8"))
    found = [each.get(EXT) for each in root.iter() if each.get(EXT)]
    return found[0] if found else None


@pytest.mark.parametrize("mime", MIMES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_made_picture_is_marked_and_keeps_its_recipe(mime: str, mode: str) -> None:
    data = encode(PICTURE.convert(mode), mime, recipe=RECIPE)
    assert source_type(packet(data)) == SOURCE_TYPE
    assert read_recipe(decode(data)) == RECIPE
    with Image.open(io.BytesIO(data)) as seen:
        assert seen.size == PICTURE.size


@pytest.mark.parametrize("mime", MIMES)
def test_a_recipe_that_is_too_long_leaves_the_mark(mime: str) -> None:
    data = encode(PICTURE, mime, recipe={"params": {"prompt": "x" * MOST_RECIPE_BYTES}})
    assert read_recipe(decode(data)) is None
    assert source_type(packet(data)) == SOURCE_TYPE


@pytest.mark.parametrize("mime", MIMES)
def test_what_no_model_made_is_not_marked(mime: str) -> None:
    assert packet(encode(PICTURE, mime)) == b""
    assert packet(pack(PICTURE, 32, 32, alpha=False)) == b""


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_a_saved_file_is_marked_and_stays_so(ending: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"a{ending}", tmp_path / "b.png"
    write(PICTURE, first, recipe=RECIPE)
    write(first, second)
    for path in (first, second):
        assert source_type(packet(path.read_bytes())) == SOURCE_TYPE


@pytest.mark.parametrize("mime", MIMES)
def test_a_recipe_tells_another_mark_and_keeps_it_from_file_to_file(
    mime: str, tmp_path: Path
) -> None:
    for mark, expected in ((CHANGED, SOURCES + CHANGED), ("digitalCapture", SOURCE_TYPE)):
        data = encode(PICTURE, mime, recipe=RECIPE | {KEY: mark})
        assert source_type(packet(data)) == expected
        write(data, tmp_path / "again.png")
        assert source_type(packet((tmp_path / "again.png").read_bytes())) == expected
    bare = encode(PICTURE, mime, recipe=RECIPE | {KEY: NONE})
    assert packet(bare) == b""
    assert read_recipe(decode(bare)) == RECIPE | {KEY: NONE}
    write(bare, tmp_path / "bare.png")
    assert packet((tmp_path / "bare.png").read_bytes()) == b""
