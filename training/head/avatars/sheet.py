"""An SVG of DiceBear's as a sheet whose parts can be coloured and left out."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from xml.etree import ElementTree

import numpy as np
import resvg_py
from dicebear import Avatar, Style
from numpy.typing import NDArray
from PIL import Image

_SVG = "{http://www.w3.org/2000/svg}"
_KEPT = (f"{_SVG}use", f"{_SVG}g")  # they place other parts
ElementTree.register_namespace("", _SVG[1:-1])
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


class Sheet:
    """A drawing of one style; ``parts`` are its components: hair, eyes, mouth, …"""

    def __init__(self, style: str, options: Mapping[str, object], view: tuple[int, ...]) -> None:
        read = json.loads(files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8"))
        svg = Avatar(Style(read), {"seed": "livedraft", **options}).to_string()
        self._root = ElementTree.fromstring(svg)
        self._root.set("viewBox", " ".join(str(number) for number in view))
        defs = self._root.find(f"{_SVG}defs")
        if defs is None:
            raise ValueError(f"{style} has no parts")
        self._defs = defs

    def colour(self, part: str, colours: Mapping[str, str]) -> None:
        """Give a part other fills, by the fills that the style gives it."""
        for group in self._groups(part):
            for shape in group.iter():
                fill = shape.get("fill", "")
                if fill in colours:
                    shape.set("fill", colours[fill])

    def add(self, shapes: str, under: bool = False) -> None:
        """Lay own shapes (SVG) over everything, or under it."""
        group = ElementTree.fromstring(f'<g xmlns="{_SVG[1:-1]}" id="added">{shapes}</g>')
        if under:
            self._root.insert(list(self._root).index(self._defs) + 1, group)
        else:
            self._root.append(group)

    def without(self, parts: Iterable[str]) -> Sheet:
        """Return a copy that lacks what some parts draw; what these place stays."""
        other = copy.copy(self)
        other._root = copy.deepcopy(self._root)
        defs = other._root.find(f"{_SVG}defs")
        assert defs is not None
        other._defs = defs
        for part in parts:
            groups = list(other._groups(part))
            for group in [inner for outer in groups for inner in outer.iter()]:
                for shape in [child for child in group if child.tag not in _KEPT]:
                    group.remove(shape)
        return other

    def parts(self) -> list[str]:
        """Return the parts that it draws."""
        groups = self._defs.findall(f"{_SVG}g")
        return [str(group.get("id")).split("-")[0] for group in groups] + ["added"]

    def raster(self, side: int, ground: str | None = None) -> NDArray[np.uint8]:
        """Return pixels, uint8 (side, side, 4), straight alpha."""
        svg = ElementTree.tostring(self._root, encoding="unicode")
        # Drawn twice as large and made smaller: edges as even as a lens would have them.
        png = bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg, width=2 * side, height=2 * side, background=ground
            )
        )
        with Image.open(io.BytesIO(png)) as picture:
            return np.asarray(picture.convert("RGBA").resize((side, side), Image.Resampling.BOX))

    def _groups(self, part: str) -> Iterable[ElementTree.Element]:
        if part == "added":
            return [group for group in self._root if group.get("id") == "added"]
        return [g for g in self._defs if str(g.get("id")).split("-")[0] == part]
