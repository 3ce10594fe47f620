"""What is placed on a page, and what can be done with several at once.

Lengths are in units of a dog. x runs to the right and y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawing's silhouette in its own box, and the box's sides, px."""

    mask: Mask  # (64, 64)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawing on the page: its box before it is tilted, and what it is in front of."""

    label: str
    thing: int  # which mention it shows
    left: float
    top: float
    width: float
    height: float
    layer: float = 0.0
    mirrored: bool = False
    tilt: float = 0.0  # degrees, around its centre
    holds: bool = False  # its front hides what is in it
    rim: float = 0.0  # where its front begins, a share of its height

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Its centre, from left to right."""
        return self.left + self.width / 2

    def moved(self, x: float, y: float, layer: float = 0.0) -> Placed:
        """Return it elsewhere."""
        return replace(self, left=self.left + x, top=self.top + y, layer=self.layer + layer)


Group = list[Placed]


def box(group: Sequence[Placed]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what is placed."""
    return (
        min(p.left for p in group),
        min(p.top for p in group),
        max(p.right for p in group),
        max(p.bottom for p in group),
    )


def wide(group: Group) -> float:
    """Return how wide a group is."""
    left, _, right, _ = box(group)
    return right - left


def high(group: Group) -> float:
    """Return how high a group is."""
    _, top, _, bottom = box(group)
    return bottom - top


def moved(group: Group, x: float, y: float, layer: float = 0.0) -> Group:
    """Return a group elsewhere."""
    return [one.moved(x, y, layer) for one in group]


def scaled(group: Group, scale: float) -> Group:
    """Return a group of another size."""
    return [
        replace(
            one,
            left=one.left * scale,
            top=one.top * scale,
            width=one.width * scale,
            height=one.height * scale,
        )
        for one in group
    ]


def narrowed(group: Group, width: float) -> Group:
    """Return a group no wider than a width."""
    return scaled(group, min(1.0, width / wide(group)))


def in_two_rows(row: Group) -> Group:
    """Put the first half behind and above the second."""
    half = len(row) // 2
    back, front = row[:half], row[half:]
    drop = 0.85 * high(front)
    left, _, right, _ = box(front)
    x0, _, x1, _ = box(back)
    return moved(back, (left + right) / 2 - (x0 + x1) / 2, -drop, -1.0) + front
