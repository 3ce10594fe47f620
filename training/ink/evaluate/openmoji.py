"""The hand-drawn lines of OpenMoji: a test set that `ink` was never trained on.

The art is by the OpenMoji project, CC BY-SA 4.0. It is fetched to measure with, and is no part of
the package.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livedraft.runtime.models.base import Pixels

from ..data.dataset import raster
from ..data.regions import nearest_outside
from ..data.sources import Package, fetch
from .cases import Case

OPENMOJI = Package(
    "openmoji",
    "17.0.0",
    "EBnYrNGdcdw+OSXmENeNE1yBNRu6tOraTmoOyUbJkTmvT/+XETp8RZLSJFzD3lrPc5N9CzsyPnRTk0Vp4UaI9w==",
    "CC-BY-SA-4.0",
)
CONCEPTS = (  # hex codes, in the order of the montage
    *("1F98A", "1F408", "1F415", "1F418", "1F422", "1F419", "1F41F", "1F98B"),  # fox … butterfly
    *(
        "1F427",
        "1F989",
        "1F40C",
        "1F992",
        "1F433",
        "1F996",
        "1F338",
        "1F33B",
    ),  # penguin … sunflower
    *("1F34E", "1F353", "1F34C", "1F352", "1F955", "1F344", "1F355", "1F354"),  # apple … hamburger
    *("1F366", "2615", "1F335", "1F332", "1F388", "1F3A9", "1F451", "1F511"),  # ice cream … key
    *("1F4A1", "2602", "1F3B8", "1F4F7", "1F381", "1F9F8", "1F45F", "1F3E0"),  # bulb … house
    *("1F697", "1F6B2", "26F5", "1F680", "1F600", "1F60E", "1F916", "1F47B"),  # car … ghost
)


def openmoji_cases(cache: Path, count: int = len(CONCEPTS)) -> list[Case]:
    """Return the first of the 48 drawings, in the flat style."""
    return [_case(*drawing) for drawing in _read(fetch(OPENMOJI, cache / "packages"), count)]


def read_lines(cache: Path, codes: Sequence[str]) -> dict[str, str]:
    """Return the black SVGs of some drawings by their hex codes."""
    members = {f"black/svg/{code}.svg" for code in codes}
    files = _files(fetch(OPENMOJI, cache / "packages"), members)
    return {code: files[f"black/svg/{code}.svg"] for code in codes}


def _files(tarball: Path, members: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            handle = archive.extractfile(member) if name in members else None
            if handle is not None:
                found[name] = handle.read().decode()
    return found


def _read(tarball: Path, count: int) -> Sequence[tuple[str, str, str, str]]:
    """Return code, name, black SVG and coloured SVG of each concept."""
    wanted = CONCEPTS[:count]
    members = {f"{kind}/svg/{code}.svg" for kind in ("black", "color") for code in wanted}
    files = _files(tarball, members | {"data/openmoji.json"})
    names = {e["hexcode"]: e["annotation"] for e in json.loads(files["data/openmoji.json"])}
    return [
        (code, names[code], files[f"black/svg/{code}.svg"], files[f"color/svg/{code}.svg"])
        for code in wanted
    ]


def _case(code: str, name: str, black: str, colour: str) -> Case:
    drawn = np.asarray(raster(black), np.uint16)
    sketch = np.zeros(drawn.shape, np.uint8)
    sketch[..., 3] = drawn[..., 3] * (255 - drawn[..., 0]) // 255
    truth = between_lines(np.array(raster(colour)), sketch)
    return Case(code.lower(), "openmoji", "flat", name, sketch, truth)


def between_lines(picture: Pixels, sketch: Pixels) -> Pixels:
    """Return a picture whose line pixels take the nearest colour painted beside the lines.

    OpenMoji's coloured pictures have the black lines on top, which are not to be painted.
    """
    covered = (sketch[..., 3] > 5) | (picture[..., 3] < 200)
    filled: Pixels = picture[nearest_outside(covered)]
    filled[..., 3] = picture[..., 3]
    return filled
