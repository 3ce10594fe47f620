"""What a refine is to give, and that nobody waits in vain for what its model does not make."""

from __future__ import annotations

from livedraft.errors import InvalidParams
from livedraft.media.chunks import Output, Still, VideoChunk
from livedraft.protocol.messages import Wants

from ..models.base import ModelInfo

_KINDS = {"image": "pictures", "video": "films", "audio": "sound"}


def check_wanted(info: ModelInfo, wants: Wants) -> None:
    """Raise InvalidParams for what a model never makes; its ``fix`` names how it is asked."""
    pictures = any(spec.kind == "image" for spec in info.outputs)
    if wants == "picture" and not pictures and info.films:
        raise _no_picture(info, " and ".join(_KINDS[spec.kind] for spec in info.outputs))
    if wants in ("film", "file") and pictures and not info.films:
        raise _no_film(info)
    if wants and not pictures and not info.films:
        raise InvalidParams(
            f"{info.id} makes no picture, nor a film with an end",
            fix="take what comes of its live session: outputs()",
        )


def unwanted(info: ModelInfo, wants: Wants, output: Output) -> InvalidParams | None:
    """Return the error of a final output of another kind than was asked for; None if it is fine.

    It is that of models which say only by what they make what that is, as some of providers do.
    """
    if wants == "picture" and not isinstance(output, Still):
        return _no_picture(info, "films" if isinstance(output, VideoChunk) else "sound")
    if wants in ("film", "file") and isinstance(output, Still):
        return _no_film(info)
    return None


def _no_picture(info: ModelInfo, makes: str) -> InvalidParams:
    return InvalidParams(
        f"{info.id} makes no picture, but {makes}",
        fix="ask for it by film(), over HTTP at /v1/generate, or name a model that makes pictures",
    )


def _no_film(info: ModelInfo) -> InvalidParams:
    return InvalidParams(
        f"{info.id} makes no film, but pictures",
        fix="ask for it by refine(), or name a model that makes films",
    )
