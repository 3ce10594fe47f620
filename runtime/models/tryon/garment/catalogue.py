"""A shop's garments by SKU: a folder with catalogue.json and pictures, prepared when asked for."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from livedraft.errors import ConfigError, InvalidImage, InvalidParams, did_you_mean
from livedraft.files import read
from livedraft.media import images

from ...caches import cached
from ...onnx import Graph
from .. import garments
from .garment import SIDE_PX, Garment, Pixels
from .prepare import Category, PointsGiven, SleevesAsked, prepare

FILE = "catalogue.json"
MOST_ENTRIES = 20_000
_MOST_BYTES = 32 * 2**20  # of the file itself
_KEPT = 12  # prepared garments, 10 to 16 MB each


class Entry(BaseModel):
    """A garment that a shop offers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sku: str = Field(min_length=1, max_length=100)
    image: str = Field(min_length=1, max_length=500)  # a picture's path, below the folder
    category: Category = "auto"
    title: str = Field(default="", max_length=300)
    url: str | None = Field(default=None, max_length=2000)
    price: str | None = Field(default=None, max_length=60)


class Catalogue:
    """The garments of one folder; what is prepared is kept, the latest dozen."""

    def __init__(self, folder: Path, entries: list[Entry]) -> None:
        self.folder = folder
        self._entries = {entry.sku: entry for entry in entries}
        self._prepared: OrderedDict[tuple[object, ...], Garment] = OrderedDict()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, sku: str, param: Literal["sku", "lower_sku"] = "sku") -> Entry:
        """Return what a shop says of a garment; raise InvalidParams, naming the closest SKU."""
        if sku not in self._entries:
            fix = did_you_mean(sku, list(self._entries)[:200]) if self._entries else ""
            raise InvalidParams(f"{param}: the catalogue has no '{sku[:100]}'", fix=fix)
        return self._entries[sku]

    def picture(self, sku: str) -> Pixels:
        """Return a garment's picture, (H, W, 3|4) px; raise InvalidImage, naming its file."""
        entry = self.find(sku)
        try:
            data = (self.folder / entry.image).read_bytes()
            image = images.decode(data, images.MAX_OWN_PIXELS, within=(SIDE_PX, SIDE_PX))
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise InvalidImage(
                f"the catalogue's '{entry.image}' is not read: {reason}",
                fix=f"put it back into {self.folder}",
            ) from None
        except InvalidImage as error:
            raise InvalidImage(
                f"the catalogue's '{entry.image}': {error.message}", fix=error.fix
            ) from None
        return np.asarray(image, np.uint8)

    def garment(
        self,
        sku: str,
        category: Category = "auto",
        sleeves: SleevesAsked = "auto",
        points: PointsGiven | None = None,
        people: Graph | None = None,
    ) -> Garment:
        """Return a garment, prepared now if it is not kept; see `prepare` for what is asked."""
        entry = self.find(sku)
        if category == "auto":
            category = entry.category
        given = tuple(sorted((name, tuple(at)) for name, at in (points or {}).items()))
        key = (sku, category, sleeves, given)

        def prepared() -> Garment:
            picture = self.picture(sku)
            try:
                return prepare(picture, category, sleeves, points, people)
            except InvalidImage as error:
                raise InvalidImage(f"'{entry.image}': {error.message}", fix=error.fix) from None

        return cached(self._prepared, key, prepared, _KEPT)


def read_catalogue(folder: str | Path) -> Catalogue:
    """Read FOLDER/catalogue.json, a list of entries; raise ConfigError, naming what is wrong.

    Pictures have to be there, below the folder; they are decoded when they are asked for.
    """
    folder = Path(folder)
    file = folder / FILE
    try:
        listed = json.loads(read(file, _MOST_BYTES))
    except OSError as error:
        raise ConfigError(
            f"{file} is not read: {error.strerror}",
            fix=f"name a folder that holds {FILE} and the pictures that it lists",
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is no JSON: {error}", fix="see the guide for a sample") from None
    return Catalogue(folder, _judged(file, listed))


def shipped() -> Catalogue:
    """Return the garments that livedraft brings along; see `training/tryon/garments`."""
    return read_catalogue(Path(str(resources.files(garments))))


def _judged(file: Path, listed: object) -> list[Entry]:
    try:
        entries = TypeAdapter(list[Entry]).validate_python(listed)
    except ValidationError as error:
        first = error.errors()[0]
        where = " › ".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{file}: {where or 'the whole'}: {first['msg']}",
            fix="make it a list of {sku, image, category, title, url, price}",
        ) from None
    if len(entries) > MOST_ENTRIES:
        raise ConfigError(
            f"{file} lists {len(entries)} garments", fix=f"{MOST_ENTRIES} are the most"
        )
    seen: set[str] = set()
    for entry in entries:
        if entry.sku in seen:
            raise ConfigError(f"{file} has '{entry.sku}' twice", fix="give each garment one SKU")
        seen.add(entry.sku)
        _refuse_path(file, entry)
    return entries


def _refuse_path(file: Path, entry: Entry) -> None:
    """Raise ConfigError unless a picture is a file below the catalogue's folder, links followed."""
    folder = file.parent.resolve()
    try:
        path = (folder / entry.image).resolve()
        inside, there = path.is_relative_to(folder), path.is_file()
    except (OSError, ValueError):  # a null character, a name that is too long
        inside, there = True, False
    if not inside:
        raise ConfigError(
            f"{file}: the picture of '{entry.sku}' lies outside of the folder",
            fix="put it into the folder, and name it by its path from there",
        )
    if not there:
        raise ConfigError(
            f"{file}: the picture of '{entry.sku}' is missing: {entry.image[:200]}",
            fix="put it into the folder, or take the entry out",
        )
