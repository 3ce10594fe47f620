"""A shop's garments as a page gets them: each with a picture that names no file of the server."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, NotRequired, TypedDict

from livedraft.errors import InvalidImage, InvalidParams, did_you_mean
from livedraft.media.images import encode
from livedraft.media.sources import PictureSource, load

from .uploads import check_named

MOST_PX = 768  # a side: what the model reads of a garment
MOST_BYTES = 24 * 2**20  # of all pictures that stand in a page
CATEGORIES = ("auto", "upper", "lower", "dress")
_ADDRESS = re.compile(r"https?://|data:image/", re.IGNORECASE)


class Garment(TypedDict):
    """A garment as a shop names it."""

    sku: str
    image: PictureSource  # an address (https:), a path, a PIL picture, bytes or an array
    title: NotRequired[str]  # by default the SKU
    category: NotRequired[str]  # "upper", "lower", "dress"; "auto" leaves it to the model
    url: NotRequired[str]  # of its own page in the shop
    price: NotRequired[str]  # as it is to be read, such as "39.90 €"


KEYS = tuple(Garment.__annotations__)


def for_page(garments: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return garments whose pictures are addresses, or the pictures themselves as data URLs.

    Pictures are made no larger than a model reads them, and their metadata stays here. Raises
    InvalidParams for what is no garment, InvalidImage for what is no picture.
    """
    made = [_one(each, place) for place, each in enumerate(garments, 1)]
    skus = [each["sku"] for each in made]
    for sku in skus:
        if skus.count(sku) > 1:
            raise InvalidParams(
                f"two garments have the SKU '{sku[:40]}'", fix="give each a SKU of its own"
            )
    size = sum(len(each["image"]) for each in made if each["image"].startswith("data:"))
    if size > MOST_BYTES:
        raise InvalidParams(
            f"the pictures of {len(made)} garments are {size // 2**20} MB, in every page",
            fix="give their addresses (https:), which browsers load as they are looked at",
        )
    return made


def find(garments: Sequence[Mapping[str, str]], sku: str) -> Mapping[str, str]:
    """Return the garment of a SKU; raise InvalidParams."""
    for each in garments:
        if each["sku"] == sku:
            return each
    known = [each["sku"] for each in garments]
    raise InvalidParams(f"no garment has the SKU '{sku[:40]}'", fix=did_you_mean(sku, known))


def data_url(picture: PictureSource, side: int = MOST_PX) -> str:
    """Return a picture as a data URL, no larger than ``side``; raise InvalidImage."""
    if isinstance(picture, (str, PathLike)):
        check_named(picture)
    image = load(picture, within=(side, side))
    mime = "image/webp" if image.mode == "RGBA" else "image/jpeg"
    return f"data:{mime};base64,{base64.b64encode(encode(image, mime, quality=90)).decode()}"


def is_address(picture: object) -> bool:
    """Return whether a page can load a picture as it is named."""
    return isinstance(picture, str) and _ADDRESS.match(picture.strip()) is not None


def _one(garment: Mapping[str, Any], place: int) -> dict[str, str]:
    if not isinstance(garment, Mapping):
        raise InvalidParams(
            f"garment {place} is a {type(garment).__name__}, not a map",
            fix='give {"sku": "tee-1", "image": "tee.png", "category": "upper"}',
        )
    sku = garment.get("sku")
    if not isinstance(sku, str) or not sku.strip():
        raise InvalidParams(f"garment {place} has no SKU", fix="name it by what your shop knows it")
    named = f"garment '{sku[:40]}'"
    for key in garment:
        if key not in KEYS:
            fix = did_you_mean(str(key), KEYS)
            raise InvalidParams(f"{named} has an unknown '{str(key)[:40]}'", fix=fix)
    category = garment.get("category") or "auto"
    if category not in CATEGORIES:
        raise InvalidParams(
            f"{named} is of category {category!r:.40}", fix=did_you_mean(str(category), CATEGORIES)
        )
    texts = {key: str(garment[key]) for key in ("title", "url", "price") if garment.get(key)}
    return {"sku": sku, "image": _image(garment.get("image"), named), "category": category, **texts}


def _image(picture: Any, named: str) -> str:
    if picture is None:
        raise InvalidImage(f"{named} has no image", fix="give a path, a picture or an address")
    if is_address(picture):
        return str(picture).strip()
    try:
        return data_url(picture)
    except InvalidImage as error:
        raise InvalidImage(f"{named}: {error.message}", fix=error.fix) from None
