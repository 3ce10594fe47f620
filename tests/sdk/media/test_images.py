"""Encoded pictures in and out: what is kept, what is refused, and why."""

import io
import struct

import pytest
from PIL import Image

from livedraft.errors import InvalidImage
from livedraft.media import images
from livedraft.media.recipes import read_recipe


def disc(mode: str = "RGBA") -> Image.Image:
    """Return a red disc on nothing."""
    image = Image.new("RGBA", (64, 48))
    image.paste((200, 30, 30, 255), (16, 12, 48, 36))
    return image.convert(mode)


def test_png_keeps_every_pixel_and_its_recipe() -> None:
    recipe = {"model": "ink", "params": {"prompt": "rote Füchse 🦊"}}
    data = images.encode(disc(), recipe=recipe)
    again = images.decode(data)
    assert again.tobytes() == disc().tobytes()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert read_recipe(image) == recipe


@pytest.mark.parametrize("mime", images.MIMES)
def test_every_type_comes_back(mime: str) -> None:
    data = images.encode(disc("RGB"), mime)
    assert images.probe(data) == (64, 48)
    red, green, _ = (
        images.decode(data).convert("RGB").resize((1, 1), box=(28, 20, 36, 28)).tobytes()
    )
    assert red > 180
    assert green < 60


def test_jpeg_lays_transparency_on_white() -> None:
    assert images.decode(images.encode(disc(), "image/jpeg")).getpixel((2, 2)) == (255, 255, 255)


def test_webp_keeps_transparency() -> None:
    alpha = images.decode(images.encode(disc(), "image/webp")).getchannel("A")
    assert (alpha.getpixel((2, 2)), alpha.getpixel((32, 24))) == (0, 255)


def test_an_unknown_type_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidImage, match="image/webp"):
        images.encode(disc(), "image/tiff")


def test_a_camera_s_rotation_is_undone() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by 90 degrees
    disc("RGB").save(out, "JPEG", exif=exif)
    assert images.decode(out.getvalue()).size == (48, 64)


def test_too_many_pixels_are_refused_by_the_header() -> None:
    data = images.encode(disc())
    assert images.probe(data, max_pixels=64 * 48) == (64, 48)
    with pytest.raises(InvalidImage, match="at most 3000 px"):
        images.probe(data, max_pixels=3000)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    size = struct.pack(">II", 60_000, 60_000)
    data = images.encode(Image.new("RGB", (1, 1)))
    with pytest.raises(InvalidImage):
        images.probe(data[:16] + size + data[24:])
    with pytest.raises(InvalidImage):
        images.decode(data[:16] + size + data[24:])


@pytest.mark.parametrize("mime", images.MIMES)
def test_a_picture_cut_off_is_refused(mime: str) -> None:
    whole = images.encode(disc("RGB").resize((256, 256)), mime)
    with pytest.raises(InvalidImage):
        images.decode(whole[: len(whole) // 2])


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImage):
        images.probe(data)


@pytest.mark.parametrize("text", ["{not json", "[1, 2]", '"words"', ""])
def test_what_is_no_recipe_is_none(text: str) -> None:
    image = Image.new("RGB", (1, 1))
    image.info["livedraft"] = text
    assert read_recipe(image) is None
