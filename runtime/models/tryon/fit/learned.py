"""What control points are moved by, as nets say that were trained on drawn people.

The sums of `targets` know proportions; the nets know bodies: where a shoulder's cloth lies whose
joint is seen there, how far a waist is behind an arm. They move the points of a garment's body, and
where limbs begin; along limbs the rules stay. They were trained by `training.tryon.train`.
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
from .targets import USUAL, targets
from .tops import Ease

# Of the shoulders' width: no point is moved further. Photographs are not what the nets were
# trained on; where they ask for more, they err, and a shirt bares a shoulder.
MOST = 0.05


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
        return tuple(part.moved(by) for part in eased)

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
        of_body = set(parts[0].names)
        named = zip(ORDER[garment.kind], px, strict=True)
        return {name: by for name, by in named if name in of_body}
