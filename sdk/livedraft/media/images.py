"""Encoded pictures in and out: refused by header, decoded whole, written with their recipe."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps, PngImagePlugin

from livedraft.errors import InvalidImage

from . import headers

MAX_PIXELS = 4096 * 4096
RECIPE_KEY = "livedraft"  # of the PNG text chunk that holds a picture's recipe

_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
MIMES = tuple(_FORMATS.values())


def probe(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Return (width, height) in px from the header alone; raise InvalidImage if it is refused."""
    width, height = headers.size(data)
    if width * height > max_pixels:
        raise _too_large(width, height, max_pixels)
    return width, height


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Return a picture as RGB or RGBA, upright; raise InvalidImage if cut off or too large."""
    with _opened(data, max_pixels) as image:
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
            return upright.convert("RGBA" if has_alpha else "RGB")
        except Exception as error:  # damage shows as struct.error, KeyError, zlib.error and others
            raise InvalidImage(
                f"the picture is damaged: {str(error)[:120]}", fix="send it again whole"
            ) from None


def encode(
    image: Image.Image,
    mime: str = "image/png",
    *,
    quality: int = 80,
    recipe: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a picture's bytes; ``recipe`` goes into a PNG's text chunk, other types drop it.

    JPEG has no alpha: a transparent picture is laid on white.
    """
    out = io.BytesIO()
    if mime == "image/png":
        chunks = PngImagePlugin.PngInfo()
        if recipe is not None:
            chunks.add_itxt(RECIPE_KEY, json.dumps(recipe, ensure_ascii=False))
        image.save(out, "PNG", compress_level=1, pnginfo=chunks)
    elif mime == "image/jpeg":
        _on_white(image).save(out, "JPEG", quality=quality)
    elif mime == "image/webp":
        image.save(out, "WEBP", quality=quality, method=0, alpha_quality=90)
    else:
        raise InvalidImage(f"cannot write '{mime[:40]}'", fix="use one of " + ", ".join(MIMES))
    return out.getvalue()


def read_recipe(image: Image.Image) -> dict[str, Any] | None:
    """Return the recipe that a PNG carries, if any; anybody may write anything into a PNG."""
    text = image.info.get(RECIPE_KEY)
    try:
        recipe = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return recipe if isinstance(recipe, dict) else None


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=tuple(_FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidImage("the picture is too large", fix=_at_most(max_pixels)) from None
    except Exception:  # a decoder's boundary: strangers' bytes make it raise anything
        raise InvalidImage(
            "not a picture of a known type", fix="send one of " + ", ".join(MIMES)
        ) from None
    if image.width * image.height > max_pixels:
        raise _too_large(image.width, image.height, max_pixels)
    return image


def _too_large(width: int, height: int, max_pixels: int) -> InvalidImage:
    return InvalidImage(f"the picture has {width} × {height} px", fix=_at_most(max_pixels))


def _at_most(max_pixels: int) -> str:
    return f"send at most {max_pixels} px"


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")
