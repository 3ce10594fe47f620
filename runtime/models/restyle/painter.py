"""The net that restyles: bytes of a picture in, bytes out, in a mix of its styles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from livedraft.errors import WeightsError
from livedraft.files import read

from ..base import DEFAULT_PLAN, Pixels, Plan
from ..onnx import Floats, Graph, opened, providers
from . import own
from .params import STYLES
from .weights import FILE, WEIGHTS

_STRIDE = 8  # px: the net takes sides that are multiples of it
_MOST_BYTES = 256 * 2**20  # of a net of one's own
_LEAST = 16  # px, of a side: a border is mirrored at an eighth of the size


class Painter:
    """The net, opened."""

    def __init__(self, graph: Graph, stamp: str) -> None:
        self._graph, self._stamp = graph, stamp

    @classmethod
    def read(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Open what ships, or restyle.onnx of a folder.

        Raises WeightsError where it is missing or damaged, or has other styles than ours.
        """
        folder = Path(source) if source else WEIGHTS
        fix = f"name a folder with {FILE}" if source else "reinstall livedraft"
        try:
            packed = read(folder / FILE, _MOST_BYTES)
        except OSError as error:
            raise WeightsError(f"restyle's net cannot be read: {error}", fix=fix) from error
        on = providers(plan.device, "restyle")
        graph = opened(packed, "restyle's net", threads=plan.threads, on=on, fix=fix)
        if (styles := graph.shape("mix")[1]) != len(STYLES):
            raise WeightsError(f"restyle's net has {styles} styles, not {len(STYLES)}", fix=fix)
        return cls(graph, own.stamp(packed, graph))

    def paint(self, picture: Pixels, mix: Mapping[str, float]) -> Pixels:
        """Return a picture (H, W, 3) in a mix of styles, by their weights; these sum to 1.

        Raises WeightsError where a style of one's own is damaged, or for another net.
        """
        high, wide = picture.shape[:2]
        down, across = (max(_LEAST, -(-side // _STRIDE) * _STRIDE) for side in (high, wide))
        given = picture
        if (down, across) != (high, wide):
            around = (0, down - high, 0, across - wide)
            given = np.asarray(cv2.copyMakeBorder(picture, *around, cv2.BORDER_REFLECT), np.uint8)
        inputs: dict[str, NDArray[Any]] = {"image": np.ascontiguousarray(given)[None]}
        inputs["mix"] = np.array([[mix.get(style, 0.0) for style in STYLES]], np.float32)
        if beyond := [self._own(name) * share for name, share in mix.items() if name not in STYLES]:
            inputs["own"] = np.asarray(np.sum(beyond, 0), np.float32)
        made = self._graph.run(**inputs)[0]
        painted: Pixels = made[:high, :wide].astype(np.uint8, copy=False)
        return painted

    def _own(self, name: str) -> Floats:
        style = own.find(name)
        if style.net != self._stamp:
            raise WeightsError(
                f"the style '{name}' was learned for the net that ships, not for this one",
                fix="serve restyle without a folder, or choose a style that ships",
            )
        return style.row
