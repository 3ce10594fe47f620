"""Encoded pictures in and out: refused by header, decoded whole, written with their recipe."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from PIL import Image, PngImagePlugin

from livedraft.errors import InvalidImage

from . import colours, headers, marks
from .parts import RECIPE_KEY, Parts, take_apart
from .recipes import MOST_JPEG_BYTES, from_exif, orientation, to_exif, to_text

MAX_PIXELS = 4096 * 4096  # from strangers
MAX_OWN_PIXELS = 89_000_000  # of one's own files; Pillow warns of more
MAX_SIDE = 16_383  # px; the most that a WebP holds, and four times what our pixels fill as a square

_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
MIMES = tuple(_FORMATS.values())
_ENDINGS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
_BAND_PIXELS = 2**20  # shrunk at a time, so that no second large picture is held
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by EXIF's orientation

Size = tuple[int, int]  # width, height in px


def probe(data: bytes, max_pixels: int = MAX_PIXELS) -> Size:
    """Return (width, height) in px from the header alone; raise InvalidImage if it is refused."""
    width, height = headers.size(data)
    _check_size(width, height, max_pixels)
    return width, height


def decode(data: bytes, max_pixels: int = MAX_PIXELS, *, within: Size | None = None) -> Image.Image:
    """Return a picture as RGB or RGBA, upright, in sRGB; its recipe's text stays in ``info``.

    A picture larger than ``within`` comes back no larger, in its own proportions: far quicker,
    and without the memory. Raises InvalidImage if it is damaged, too large or costs too much.
    """
    probe(data, max_pixels)
    parts = take_apart(data)
    try:
        return _decoded(parts, max_pixels, within)
    except InvalidImage:
        raise
    except Exception as error:  # strangers' bytes make decoders raise struct.error, KeyError, …
        raise InvalidImage(
            f"the picture is damaged: {str(error)[:120]}", fix="send it again whole"
        ) from None


def upright_size(data: bytes, max_pixels: int = MAX_PIXELS) -> Size:
    """Return (width, height) in px as ``decode`` gives them; raise InvalidImage."""
    width, height = probe(data, max_pixels)
    return (height, width) if orientation(take_apart(data).exif) > 4 else (width, height)


def upright(image: Image.Image, turned: int) -> Image.Image:
    """Undo a camera's rotation, given as EXIF's orientation."""
    return image.transpose(_TURNS[turned]) if turned in _TURNS else image


def fitted(size: Size, within: Size | None, turned: int = 1) -> Size:
    """Return a size in the same proportions, no larger than it is, nor than ``within`` if given.

    Of a picture that is ``turned``, see EXIF's orientation, that is its size once upright.
    """
    width, height = within or size
    if within and turned > 4:
        width, height = height, width
    scale = min(1.0, width / size[0], height / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(image: Image.Image, size: Size) -> Image.Image:
    """Return an averageable picture at a size that is no larger, each pixel the mean of its own."""
    ratio = min(image.width / size[0], image.height / size[1])
    factor = int(ratio) if ratio.is_integer() else int(ratio / 2)
    if factor > 1:
        smaller: Image.Image | None = None
        for top, band in _bands(image, factor):
            part = colours.averageable(band).reduce(factor)
            if smaller is None:
                sides = (-(-image.width // factor), -(-image.height // factor))
                smaller = Image.new(part.mode, sides)
            smaller.paste(part, (0, top // factor))
        assert smaller is not None, "a picture has a line at least"
        image = smaller
    image = colours.averageable(image)
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)


def mime_of(name: str) -> str:
    """Return the type that a file's name tells; raise InvalidImage if it is none of ours."""
    ending = PurePath(name.lower()).suffix
    if ending not in _ENDINGS:
        raise InvalidImage(f"cannot write '{name}'", fix="end its name in " + ", ".join(_ENDINGS))
    return _ENDINGS[ending]


def type_of(data: bytes) -> str:
    """Return the type that a picture's first bytes tell; empty where it is none of ours."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def encode(
    image: Image.Image,
    mime: str = "image/png",
    *,
    quality: int = 80,
    recipe: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a picture's bytes; ``recipe`` goes into a PNG's text, else into EXIF's UserComment.

    What has a recipe was made by a model, and is marked as such, see ``marks``. JPEG has no alpha:
    a transparent picture is laid on white.
    """
    out = io.BytesIO()
    text = to_text(recipe)
    xmp = marks.xmp(recipe)
    if mime == "image/png":
        chunks = PngImagePlugin.PngInfo()
        if text:
            chunks.add_itxt(RECIPE_KEY, text)
        if xmp:
            chunks.add_itxt(marks.PNG_KEYWORD, xmp.decode())
        image.save(out, "PNG", compress_level=1, pnginfo=chunks)
    elif mime == "image/jpeg":
        exif = to_exif(to_text(recipe, MOST_JPEG_BYTES))
        on_white(image).save(out, "JPEG", quality=quality, exif=exif, xmp=xmp)
    elif mime == "image/webp":
        exif = to_exif(text)
        image.save(out, "WEBP", quality=quality, method=0, alpha_quality=90, exif=exif, xmp=xmp)
    else:
        raise InvalidImage(f"cannot write '{mime[:40]}'", fix="use one of " + ", ".join(MIMES))
    return out.getvalue()


def on_white(image: Image.Image) -> Image.Image:
    """Return a picture without alpha, as it is seen on white paper."""
    if image.mode == "RGB":
        return image
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _decoded(parts: Parts, max_pixels: int, within: Size | None) -> Image.Image:
    turned = orientation(parts.exif)
    with Image.open(io.BytesIO(parts.pixels), formats=tuple(_FORMATS)) as image:
        _check_size(*image.size, max_pixels)
        size = fitted(image.size, within, turned)
        image.draft(None, (2 * size[0], 2 * size[1]))  # a JPEG's blocks, at a fraction
        image.load()
        found = upright(colours.srgb(shrunk(image, size), parts.profile), turned)
    recipe = parts.recipe or from_exif(parts.exif)
    found.info = {RECIPE_KEY: recipe} if recipe else {}
    return found


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    lines = factor * max(1, _BAND_PIXELS // (image.width * factor))
    for top in range(0, image.height, lines):
        yield top, image.crop((0, top, image.width, min(top + lines, image.height)))


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise InvalidImage(
            f"the picture has {width} × {height} px", fix=f"send at most {max_pixels} px"
        )
    if max(width, height) > MAX_SIDE:
        raise InvalidImage(
            f"the picture has {width} × {height} px", fix=f"send at most {MAX_SIDE} px a side"
        )
