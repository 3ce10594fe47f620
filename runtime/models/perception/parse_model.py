"""``parse``: what the pixels of people are, in pictures and before a camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from ..base import DEFAULT_PLAN, ModelInfo, Params, Pixels, Plan
from ..onnx import Graph
from .detection import everybody
from .following import Follower
from .networks import PoseNetworks, read_parse
from .overlay import cut_out, with_parts
from .parse import Parse, Part, parse_still, upper_body, whole_body
from .pose import LEAST_SCORE, landmarks
from .seeing import NO_PERSON, Seeing, Seen, seer, share

_BOXES = {"whole": whole_body, "upper": upper_body}
_MOST_PEOPLE = 8  # each takes as long as a parse


class ParseParams(Params):
    """Who is looked at how closely, and what is shown."""

    view: Literal["overlay", "cutout"] = Field(
        default="overlay",
        title="View",
        description="overlay: the picture, tinted by part. cutout: the people alone, transparent "
        "around them.",
    )
    people: int = Field(
        default=1,
        ge=1,
        le=_MOST_PEOPLE,
        title="People",
        description="At most so many people in a picture; before a camera it is one.",
    )
    body: Literal["whole", "upper"] = Field(
        default="whole",
        title="Body",
        description="Of a picture: what is looked at. Closer, head and arms come out finer.",
    )


class ParseModel(Seeing[ParseParams, Follower]):
    """Tell hair, skin, face, clothes and what is worn or held from the background."""

    info: ModelInfo = seer(
        "parse",
        "human-parsing",
        "Parse",
        "Marks hair, skin and clothes of people in a picture or a camera.",
    )
    params: ClassVar[type[Params]] = ParseParams

    def __init__(self, networks: PoseNetworks, parser: Graph) -> None:
        self._networks, self._parser = networks, parser

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Load what ships, or a folder with the networks of ``pose`` and parse.onnx.

        Raises WeightsError where they are missing or damaged.
        """
        return cls(PoseNetworks.read(source, plan), read_parse(source, plan))

    def follower(self) -> Follower:
        """Return what follows nobody yet."""
        return Follower(self._networks, self._parser)

    def look(self, picture: Pixels, params: ParseParams) -> Seen:
        """Parse everybody in a picture, the surest first, up to as many as are asked for."""
        parses: list[Parse] = []
        for region in everybody(picture, self._networks):
            pose, _ = landmarks(picture, region, self._networks)
            if pose.score >= LEAST_SCORE and len(parses) < params.people:
                parses.append(parse_still(picture, _BOXES[params.body](pose), pose, self._parser))
        return _seen(picture, parses, params)

    def follow(self, follower: Follower, frame: Pixels, at_us: int, params: ParseParams) -> Seen:
        """Follow one person: parsed now and then, and moved with its joints in between."""
        found = follower.follow(frame, at_us)
        return _seen(frame, [found.parse] if found else [], params)


def _seen(picture: Pixels, parses: Sequence[Parse], params: ParseParams) -> Seen:
    people = [described(each) for each in parses]
    shown = cut_out if params.view == "cutout" else with_parts
    return Seen(shown(picture, parses), {"people": people}, () if parses else (NO_PERSON,))


def described(parse: Parse) -> Mapping[str, Any]:
    """Return where a person's parts are: of each that is seen, its share of the picture and box.

    A box is left, top, right, bottom, in 0..1 of the picture's width and height.
    """
    width, height = parse.size
    parts = {}
    for part in Part:
        there = parse.of(part) > 0.5
        if part is Part.BACKGROUND or not there.any():
            continue
        (rows,), (columns,) = np.nonzero(there.any(axis=1)), np.nonzero(there.any(axis=0))
        parts[part.label] = {
            "share": round(float(there.mean()), 5),
            "box": [
                share(columns[0], width),
                share(rows[0], height),
                share(columns[-1] + 1, width),
                share(rows[-1] + 1, height),
            ],
        }
    return {"parts": parts}
