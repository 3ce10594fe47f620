"""Pixels of every mode that Pillow has, as straight sRGB: RGB, or RGBA where some may be clear."""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from typing import cast

from PIL import Image, ImageCms

_ALPHA = ("RGBA", "LA")
_DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
_PLAIN = ("L", "LA", "RGB", "RGBA", "CMYK")

# Of a profile (ICC.1:2022, 7.3): where its table of tags begins, and how many a decoder reads.
_TAGS_AT, _MOST_TAGS, _TAG = 128, 100, struct.Struct(">4sII")
# Tags of chains of any length, each element of which may refer to the same bytes: ten thousand of
# them fit into 400 packed bytes, and each is computed for every knot of a table. Profiles that
# have them have tables as well (9.2.1: A2B0), which all programs read.
_CHAINS = (b"D2B", b"B2D")


def averageable(image: Image.Image) -> Image.Image:
    """Return a picture whose pixels may be averaged: L, LA, RGB, RGBA or CMYK, of 8 bits each."""
    if image.mode in _DEEP:
        image = _eight_bits(image)
    clear = image.has_transparency_data
    if image.mode in _PLAIN and clear == (image.mode in _ALPHA):
        return image
    return image.convert("RGBA" if clear else "RGB")


def srgb(image: Image.Image, profile: bytes = b"") -> Image.Image:
    """Return an averageable picture as RGB or RGBA; ``profile`` (ICC) says what its colours are.

    A profile that is damaged or of another colour space is left out of account.
    """
    if not profile and image.mode in ("RGB", "RGBA"):
        return image
    alpha = image.getchannel("A") if image.mode in _ALPHA else None
    inks = image.convert(image.mode[:-1]) if alpha is not None else image
    found = (_transformed(inks, profile) if profile else None) or inks.convert("RGB")
    if alpha is not None:
        found.putalpha(alpha)
    return found


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return deep greys as L. Integers above 255 are taken for 16 bits, floats to 1 for a share."""
    key = image.info.get("transparency")
    whole = image if image.mode in ("I", "F") else image.convert("I")
    most = cast(tuple[float, float], whole.getextrema())[1]
    if image.mode.startswith("I;16") or (image.mode == "I" and most > 255):
        scale = 1 / 257
    else:
        scale = 255.0 if image.mode == "F" and most <= 1 else 1.0
    grey = whole.point(lambda value: value * scale + 0.5).convert("L")
    if isinstance(key, int):  # of 8 bits, see parts.take_apart
        grey.info["transparency"] = key
    return grey


def _transformed(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        transform = _to_srgb(profile, image.mode)
        return transform.apply(image) if transform is not None else None
    except Exception:  # a decoder's boundary, as in images.decode: profiles come from strangers
        return None


@lru_cache(8)  # those of a phone's photos, of a browser's canvas: building one takes up to 50 ms
def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return how pixels of a profile become sRGB, None if they are."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(_without_chains(profile)))
    if "srgb" in ImageCms.getProfileDescription(source).lower():
        return None
    wanted = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsTransform(source, wanted, mode, "RGB")


def _without_chains(profile: bytes) -> bytes:
    """Return a profile whose cost is bounded by its length: no reader finds its chains."""
    found = bytearray(profile)
    (count,) = struct.unpack_from(">I", profile, _TAGS_AT)
    places = range(_TAGS_AT + 4, len(profile) - _TAG.size + 1, _TAG.size)
    for at in places[: min(count, _MOST_TAGS)]:
        name, _, _ = _TAG.unpack_from(profile, at)
        if name.startswith(_CHAINS):
            found[at : at + 4] = b"none"
    return bytes(found)
