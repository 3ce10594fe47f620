"""Which garments are worn: pictures that came, or those of the catalogue, each prepared once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal

from ..base import Inputs
from ..caches import cached
from ..onnx import Graph
from .arrays import Pixels
from .garment import Garment, prepare
from .garment.catalogue import Catalogue
from .garment.prepare import Category
from .params import TryOnParams
from .wear.layers import Sheets

Slot = Literal["garment", "lower"]
_KEPT = 4  # garments of a session, 25 MB each: those worn, and those that are compared with them
_SHARED = 12  # of the catalogue, for all sessions


@dataclass
class Rack:
    """A session's prepared garments, by their pictures and what was said of them."""

    _kept: OrderedDict[tuple[object, ...], tuple[Pixels, Sheets]] = field(
        default_factory=OrderedDict
    )

    def sheets(self, picture: Pixels, description: Description, people: Graph) -> Sheets:
        """Return a picture's garment, prepared now if it is new; raise InvalidImage.

        `people` is what tells that somebody wears it in its picture.
        """
        key = (id(picture), description)  # the picture is kept beside it, so its id stays its own

        def prepared() -> tuple[Pixels, Sheets]:
            return picture, Sheets(description.prepared(picture, people))

        return cached(self._kept, key, prepared, _KEPT)[1]


class Shop:
    """A catalogue's garments, ready to be worn by any session."""

    def __init__(self, catalogue: Catalogue, people: Graph) -> None:
        self.catalogue, self.people = catalogue, people
        self._kept: OrderedDict[tuple[object, ...], Sheets] = OrderedDict()

    def sheets(self, sku: str, description: Description) -> Sheets:
        """Return a garment; raise InvalidParams for one that is not there, InvalidImage."""

        def prepared() -> Sheets:
            points = {name: list(at) for name, at in description.points}
            asked = description.category, description.sleeves, points, self.people
            return Sheets(self.catalogue.garment(sku, *asked))

        return cached(self._kept, (sku, description), prepared, _SHARED)


@dataclass(frozen=True)
class Description:
    """What a user said of a garment, beside its picture."""

    category: Category = "auto"
    sleeves: Literal["auto", "none", "short", "long"] = "auto"
    points: tuple[tuple[str, tuple[float, float]], ...] = ()

    def prepared(self, picture: Pixels, people: Graph) -> Garment:
        """Return the garment of a picture; raise InvalidImage, InvalidParams."""
        return prepare(picture, self.category, self.sleeves, dict(self.points), people)


def dressed(inputs: Inputs, params: TryOnParams, shop: Shop, rack: Rack) -> list[Sheets]:
    """Return what is to be worn, the lowest first; empty where nothing was chosen.

    A picture goes before a SKU. Raises InvalidParams and InvalidImage, as preparing does.
    """
    first = _one("garment", inputs, params.sku, _described(params), shop, rack)
    second = _one("lower", inputs, params.lower_sku, Description("lower"), shop, rack)
    if first is not None and first.garment.kind != "upper":
        second = None  # trousers and dresses leave no room for another one below
    return [each for each in (second, first) if each is not None]


def pictures(inputs: Inputs, params: TryOnParams, shop: Shop) -> dict[str, Pixels]:
    """Return the pictures of what is to be worn; raise InvalidParams."""
    found: dict[str, Pixels] = {}
    for slot, sku in (("garment", params.sku), ("lower", params.lower_sku)):
        if slot in inputs:
            found[slot] = inputs[slot]
        elif sku:
            found[slot] = shop.catalogue.picture(sku)
    return found


def main_of(worn: list[Sheets]) -> Garment:
    """Return the garment that was chosen first, worn topmost."""
    return worn[-1].garment


def _one(
    slot: Slot, inputs: Inputs, sku: str, description: Description, shop: Shop, rack: Rack
) -> Sheets | None:
    if slot in inputs:
        return rack.sheets(inputs[slot], description, shop.people)
    return shop.sheets(sku, description) if sku else None


def _described(params: TryOnParams) -> Description:
    return Description(params.category, params.sleeves, tuple(sorted(params.points.items())))
