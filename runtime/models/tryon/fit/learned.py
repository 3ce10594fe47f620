"""What control points are moved by, as nets say that were trained on drawn people.

The sums of `targets` know proportions; the nets know bodies: where a shoulder's cloth lies whose
joint is seen there, how far a waist is behind an arm, how wide a sleeve falls. They were trained by
`training.tryon.train`, and keep still where they do not agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, get_args

import numpy as np

from livedraft.errors import WeightsError

from ...onnx import Graph, opened, providers
from ..arrays import Points
from ..body.frame import Body
from ..body.outline import Outline
from ..garment import Garment, Kind
from ..weights import WEIGHTS
from .controls import ORDER, Part
from .description import described
from .sleeves import enclosing
from .targets import USUAL, targets
from .tops import Ease

# Of the shoulders' width: no point is moved further. People on photographs are not those that the
# nets were trained on; where they ask for more, they err.
MOST = 0.3
# Of a body's height: so far below the worn hem nets may take up a new one that rules put lower.
_HEMS, _COVERS = ("hem_l", "hem_m", "hem_r"), 0.01


@dataclass(frozen=True, slots=True)
class Offsets:
    """An opened net for each kind of garment."""

    _graphs: Mapping[Kind, Graph]

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> Self:
        """Open the nets; raise WeightsError where one is missing."""
        graphs: dict[Kind, Graph] = {}
        on = providers("cpu", "try-on")  # what it is asked is too little for any other device
        for kind in get_args(Kind):
            name = f"offsets_{kind}"
            try:
                graph = (folder / f"{name}.onnx").read_bytes()
            except OSError as error:
                fix = "reinstall livedraft"
                raise WeightsError(
                    f"the network {name} cannot be read: {error}", fix=fix
                ) from error
            graphs[kind] = opened(graph, f"the network {name}", threads=1, on=on)
        return cls(graphs)

    def placed(
        self,
        garment: Garment,
        body: Body,
        outline: Outline,
        hem: float | None = None,
        ease: Ease = USUAL,
    ) -> tuple[Part, ...]:
        """Return the control points of `targets`, moved to where the nets put them.

        What the nets hear has no ease: they know none, and would take it back.
        """
        plain = targets(garment, body, outline, hem)
        by = self._shifts(garment, body, outline, plain, hem)
        eased = plain if ease == USUAL else targets(garment, body, outline, hem, ease)
        moved = (part.moved(by) for part in eased)
        return tuple(
            enclosing(part, body, outline) if part.layer.startswith("sleeve") else part
            for part in moved
        )

    def _shifts(
        self,
        garment: Garment,
        body: Body,
        outline: Outline,
        parts: Sequence[Part],
        hem: float | None,
    ) -> dict[str, Points]:
        features, graph = described(garment, body, outline, parts, hem), self._graphs[garment.kind]
        if graph.shape("features")[1] != len(features):
            return {}  # it was trained on other control points: the rules alone count
        shares = graph.run(features=features[None])[0].reshape(-1, 2)
        far = np.linalg.norm(shares, axis=1, keepdims=True)
        shares = shares * np.minimum(1, MOST / np.maximum(far, 1e-6))
        px = shares @ np.stack([body.across, body.down]) * np.float32(body.width)
        by = dict(zip(ORDER[garment.kind], px, strict=True))
        if garment.kind == "upper" and hem is not None:
            _cover(by, parts[0], body, hem)
        return by


def _cover(by: dict[str, Points], torso: Part, body: Body, hem: float) -> None:
    """Keep a new hem from rising above the worn one, which would leave old cloth in sight."""
    lowest = hem + _COVERS * body.height
    for name, at in zip(torso.names, torso.body, strict=True):
        if name in _HEMS:
            down = float((at - body.neck) @ body.down)
            short = min(0.0, lowest - down) - float(by[name] @ body.down)
            by[name] = by[name] + body.down * np.float32(max(short, 0.0))
