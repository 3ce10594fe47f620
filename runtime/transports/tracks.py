"""The tracks of a session, as clients that speak ``media`` are told of them."""

from __future__ import annotations

from livedraft.protocol.messages import Track
from livedraft.protocol.tracks import PICTURES

from ..models.base import ModelInfo

MEDIA_WINDOW_MS = 500  # of each track; a round trip over a slow line, and no more


def tracks(info: ModelInfo) -> list[Track]:
    """Return what a model takes, as tracks."""
    return [
        Track(
            name=spec.name,
            way="in",
            kind="image",
            policy="latest",
            max_s=0.0,
            codecs=list(PICTURES),
            width=spec.width,
            height=spec.height,
            rate=0.0,
            channels=0,
            required=spec.required,
        )
        for spec in info.inputs
    ]
