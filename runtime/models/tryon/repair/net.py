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
from ..arrays import Box, Floats, Pixels, Points, Vector, grown, planes, times
from ..weights import WEIGHTS
from .skin import absolute
from .texture import detail
from .view import Frame, view

FILE = WEIGHTS / "repair.onnx"
_FRINGE = 0.03  # how far off a person's outline may be seen: the old cloth's rim is no background
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

    skin: Pixels  # (h, w, 3), as in `Repaired`
    ground: Pixels  # (h, w, 3)
    shares: Pixels  # (h, w, 3): body, arm, hidden
    corner: tuple[int, int]  # where they begin in the picture, x and y

    def within(self, box: Box, moved: Points) -> Repaired:
        """Return the crop of a box, px, after the picture was moved by a matrix (2, 3)."""
        x0, y0, x1, y1 = box
        shift = np.array(moved, np.float64)
        shift[:, 2] += shift[:, :2] @ np.array(self.corner, np.float64) - (x0, y0)
        parts = [
            cv2.warpAffine(part, shift, (x1 - x0, y1 - y0)).astype(np.float32)
            for part in (self.skin, self.ground, self.shares)
        ]
        body, arm, hidden = planes(parts[2] / np.float32(255))
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
        body, arm, *colours = self._graph.run(picture=seen.inputs[None])[0]
        bare, behind = (
            np.asarray(cv2.merge(logs), np.float32) for logs in (colours[:3], colours[3:])
        )
        rows, columns = frame.region(image.shape)
        veil = hidden[rows, columns]
        skin, ground = (
            frame.back(absolute(logs, tone), image.shape)
            for logs in (bare, seen.ground + times(behind, seen.hidden))
        )
        shares = np.asarray(cv2.merge([body, arm]), np.float32) * np.float32(255)
        limbs = planes(frame.back(shares, image.shape))
        known = grown(np.maximum(hidden, person)[rows, columns], _FRINGE * width) < 0.2
        ground += times(detail(image[rows, columns], known, _FINE * width), veil)
        shares = np.asarray(cv2.merge([*limbs, veil * np.float32(255)]), np.float32)
        corner = columns.start, rows.start
        return Under(_bytes(skin), _bytes(ground), _bytes(shares), corner)


def _bytes(colours: Floats) -> Pixels:
    return np.asarray(np.clip(colours + np.float32(0.5), 0, 255), np.uint8)
