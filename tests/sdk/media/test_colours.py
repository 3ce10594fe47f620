"""Photos and line art of every mode come out as they look, by every way in."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from livedraft.errors import InvalidImage
from livedraft.media import images
from livedraft.media.sources import PictureSource, load, pack

CASES = Path(__file__).parent / "cases"
ROUTES: dict[str, Callable[[Path], PictureSource]] = {
    "path": lambda path: path,
    "text": str,
    "bytes": Path.read_bytes,
    "pillow": Image.open,
    "pixels": lambda path: np.asarray(images.decode(path.read_bytes())),
}


def alpha(image: Image.Image, place: tuple[int, int]) -> int:
    """Return the alpha of a pixel at (x, y)."""
    x, y = place
    return int(np.asarray(image.convert("RGBA"))[y, x, 3])


def ramp() -> Image.Image:
    """Return grey from black to white, left to right."""
    return Image.linear_gradient("L").rotate(90)


def deep(mode: str) -> Image.Image:
    """Return the ramp with more than 8 bits a pixel."""
    sixteen = np.asarray(ramp()).astype(np.uint16) * 257
    if mode == "F":
        return Image.fromarray((sixteen / 65535).astype(np.float32))
    return Image.fromarray(sixteen.astype(np.int32) if mode == "I" else sixteen)


def written(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("within", [None, (64, 64), (60, 10)])
def test_a_photo_is_upright(route: str, within: tuple[int, int] | None) -> None:
    image = load(ROUTES[route](CASES / "exif6.jpg"), within=within)
    assert image.size == ((300, 400) if within is None else images.fitted((300, 400), within))
    upright = images.decode((CASES / "exif6.jpg").read_bytes()).resize(image.size)
    assert np.abs(np.asarray(image, float) - np.asarray(upright, float)).mean() < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turned", range(1, 9))
def test_every_orientation_of_every_type_is_undone(kind: str, turned: int) -> None:
    corner = Image.new("RGB", (32, 16), "white")
    corner.paste("black", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = turned
    back = {6: 90, 8: 270, 3: 180}.get(turned)
    held = corner.rotate(back, expand=True) if back else corner
    data = written(held, kind, exif=exif)
    found = images.decode(data)
    assert found.size == ((16, 32) if turned in (5, 7) else (32, 16))
    assert images.upright_size(data) == found.size
    if back or turned == 1:
        assert np.asarray(found)[2, 2].sum() < 60


def test_a_file_that_fits_only_lying_down_is_turned_before_it_is_sent() -> None:
    photo = (CASES / "exif6.jpg").read_bytes()  # 400 × 300 in the file, 300 × 400 upright
    assert pack(photo, 300, 400, alpha=False) is photo
    assert images.decode(pack(photo, 400, 300, alpha=False)).size == (225, 300)


@pytest.mark.parametrize("name", ["gray16.png", "line16.png"])
@pytest.mark.parametrize("route", ROUTES)
def test_deep_greys_keep_their_tones(name: str, route: str) -> None:
    with Image.open(CASES / name) as image:
        expected = np.round(np.asarray(image).astype(float) / 257)
    found = np.asarray(load(ROUTES[route](CASES / name)))
    assert np.abs(found.astype(float) - expected[..., None]).max() <= 1


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_modes_are_scaled_not_clipped(mode: str) -> None:
    expected = np.asarray(ramp().convert("RGB"), int)
    assert np.abs(np.asarray(load(deep(mode)), int) - expected).max() <= 1
    eight = np.asarray(ramp()).astype(np.float32 if mode == "F" else np.int32)
    assert np.abs(np.asarray(load(Image.fromarray(eight)), int) - expected).max() <= 1


def clear() -> Image.Image:
    """Return a red square on nothing."""
    image = Image.new("RGBA", (64, 64))
    image.paste((255, 0, 0, 255), (16, 16, 48, 48))
    return image


@pytest.mark.parametrize("within", [None, (16, 16)])
@pytest.mark.parametrize(
    "image",
    [clear(), clear().convert("LA"), clear().convert("RGBa"), clear().quantize(8)],
    ids=["RGBA", "LA", "RGBa", "P"],
)
def test_transparency_of_every_kind_is_kept(
    image: Image.Image, within: tuple[int, int] | None
) -> None:
    found = load(image, within=within)
    assert found.mode == "RGBA"
    middle = (found.width // 2, found.height // 2)
    assert (alpha(found, (0, 0)), alpha(found, middle)) == (0, 255)


@pytest.mark.parametrize(
    ("mode", "key", "value"),
    [("1", 1, 255), ("L", 40, 40), ("RGB", (9, 8, 7), (9, 8, 7)), ("I;16", 257 * 40, 257 * 40)],
)
def test_a_transparent_colour_is_clear(mode: str, key: object, value: Any) -> None:
    image = Image.new(mode, (8, 8))
    image.paste(value, (0, 0, 4, 8))
    found = images.decode(written(image, transparency=key))
    assert found.mode == "RGBA"
    assert (alpha(found, (1, 1)), alpha(found, (6, 1))) == (0, 255)


@pytest.mark.parametrize("route", ["path", "bytes", "pillow"])
def test_a_press_jpeg_is_not_inverted(route: str) -> None:
    image = load(ROUTES[route](CASES / "cmyk.jpg"))
    with Image.open(CASES / "cmyk.jpg") as opened:
        expected = opened.convert("RGB")
    assert np.abs(np.asarray(image, int) - np.asarray(expected, int)).max() <= 1
    paper = load(written(Image.new("CMYK", (8, 8)), "JPEG"))
    assert paper.getpixel((4, 4)) == (255, 255, 255)


def profile() -> bytes:
    """Return an ICC profile (version 2) of display primaries wider than sRGB, with gamma 2.2."""
    primaries = {"rXYZ": (0.61, 0.311, 0.019), "gXYZ": (0.205, 0.626, 0.061)}
    primaries |= {"bXYZ": (0.149, 0.063, 0.745), "wtpt": (0.9642, 1.0, 0.8249)}
    tags = {
        name: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in xyz)
        for name, xyz in primaries.items()
    }
    tags |= dict.fromkeys(
        ["rTRC", "gTRC", "bTRC"], b"curv\0\0\0\0" + struct.pack(">IHH", 1, 563, 0)
    )
    tags["desc"] = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + bytes(79)
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name.encode() + struct.pack(">II", start + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"lcms", 2 << 24, b"mntr", b"RGB ", b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


WIDE = profile()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_colours_are_those_of_the_profile(kind: str) -> None:
    image = Image.new("RGB", (32, 32), (200, 100, 50))
    data = written(image, kind, icc_profile=WIDE)
    turned = ImageCms.profileToProfile(
        image, io.BytesIO(WIDE), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert turned is not None
    for source in (data, Image.open(io.BytesIO(data))):
        found = np.asarray(load(source), int)
        assert np.abs(found - np.asarray(turned, int)).max() <= 6
        assert np.abs(found - np.asarray(image, int)).max() > 10
    flagged = clear()
    flagged.info["icc_profile"] = WIDE
    assert load(flagged).mode == "RGBA"


@pytest.mark.parametrize("profile", [b"", b"x" * 500, WIDE[:200]])
def test_a_broken_profile_is_left_out_of_account(profile: bytes) -> None:
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    assert load(written(image, icc_profile=profile)).getpixel((4, 4)) == (200, 100, 50)


@pytest.mark.parametrize(("kind", "how"), [("JPEG", {}), ("PNG", {"compress_level": 1})])
def test_a_photo_of_24_megapixels_is_sent_small(kind: str, how: dict[str, object]) -> None:
    data = written(Image.linear_gradient("L").convert("RGB").resize((6000, 4000)), kind, **how)
    with pytest.raises(InvalidImage, match="6000"):
        images.decode(data)  # as a server does
    sent = images.decode(pack(data, 512, 512, alpha=True))
    assert sent.size == (512, 341)
    shade = np.asarray(sent, int)[..., 0]
    assert (shade[2].mean() < 8, shade[-3].mean() > 247) == (True, True)


def test_a_file_that_pillow_opened_but_cannot_read_is_refused() -> None:
    whole = written(ramp())
    with Image.open(io.BytesIO(whole[: len(whole) // 2])) as opened:
        with pytest.raises(InvalidImage, match="cannot be read"):
            load(opened)
