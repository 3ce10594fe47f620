"""The repair net at work: what is under the worn top, answered in one step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from livedraft.errors import WeightsError

from ...base import DEFAULT_PLAN, Plan
from ...onnx import Graph, opened
from ..arrays import Box, Floats, Pixels, Points, Vector, grown
from ..weights import WEIGHTS
from .skin import absolute
from .texture import detail
from .view import Frame, view

FILE = WEIGHTS / "repair.onnx"
_FINE = 0.05  # of the shoulders' width: finer detail of a background than the net gives back


@dataclass(frozen=True, eq=False)
class Repaired:
    """What lies under the worn top, in a crop of a picture."""

    skin: Floats  # (h, w, 3) 0..255: the body's skin, in the picture's light
    ground: Floats  # (h, w, 3) 0..255: what is behind the body
    body: Floats  # (h, w) 0..1: where the body is
    arm: Floats  # (h, w) 0..1: where its arms are, before the trunk or beside it
    hidden: Floats  # (h, w) 0..1: where any of this is an answer


@dataclass(frozen=True, eq=False)
class Under:
    """The same of a whole picture; in bytes, as it is kept for a session."""

    planes: Pixels  # (h, w, 9), in the order of `Repaired`
    corner: tuple[int, int]  # where they begin in the picture, x and y

    def within(self, box: Box, moved: Points) -> Repaired:
        """Return the crop of a box, px, after the picture was moved by a matrix (2, 3)."""
        x0, y0, x1, y1 = box
        shift = np.array(moved, np.float64)
        shift[:, 2] += shift[:, :2] @ np.array(self.corner, np.float64) - (x0, y0)
        parts = [
            cv2.warpAffine(
                np.ascontiguousarray(self.planes[..., start : start + 3]), shift, (x1 - x0, y1 - y0)
            ).astype(np.float32)
            for start in (0, 3, 6)
        ]
        body, arm, hidden = np.moveaxis(parts[2] / np.float32(255), -1, 0)
        return Repaired(parts[0], parts[1], body, arm, hidden)


class Repair:
    """Asks the net."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @classmethod
    def read(cls, file: Path = FILE, plan: Plan = DEFAULT_PLAN) -> Self:
        """Open the net that ships, or another; raise WeightsError where there is none."""
        fix = "reinstall livedraft"
        try:
            graph = file.read_bytes()
        except OSError as error:
            raise WeightsError(f"the repair net cannot be read: {error}", fix=fix) from error
        return cls(opened(graph, "the repair net", threads=plan.threads, fix=fix))

    def under(
        self,
        image: Pixels,
        hidden: Floats,
        person: Floats,
        skin: Floats,
        tone: Vector,
        arms: Points,
        width: float,
    ) -> Under:
        """Return what lies under what is hidden of a picture; all as `view` takes it."""
        frame = Frame.around(hidden)
        seen = view(image, hidden, person, skin, tone, arms, width, frame)
        said = self._graph.run(picture=seen.inputs[None])[0].transpose(1, 2, 0)
        ground = seen.ground + said[..., 5:8] * seen.hidden[..., None]
        colours = np.dstack([absolute(said[..., 2:5], tone), absolute(ground, tone)])
        planes = np.dstack([colours, said[..., :2] * 255])
        rows, columns = frame.region(image.shape)
        whole = np.dstack(
            [
                frame.back(np.asarray(planes, np.float32), image.shape),
                hidden[rows, columns] * 255,
            ]
        )
        known = grown(np.maximum(hidden, person)[rows, columns], 2) < 0.2
        fine = detail(image[rows, columns], known, _FINE * width)
        whole[..., 3:6] += fine * hidden[rows, columns][..., None]
        pixels = np.clip(whole + 0.5, 0, 255).astype(np.uint8)
        return Under(pixels, (columns.start, rows.start))
