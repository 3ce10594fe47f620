"""What a user may set: which styles, how strongly, whose colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, JsonValue, field_validator

from livedraft.errors import InvalidParams, WeightsError, did_you_mean

from ..mixins import SteadyParams
from . import own

STYLES = (  # that ship, in the order of the net's weights
    "painterly",
    "pastel",
    "night",
    "watercolour",
    "mosaic",
    "poster",
    "engraving",
    "ember",
    "woodblock",
    "ink-wash",
    "pencil",
    "comic",
)


def _offered(schema: dict[str, JsonValue]) -> None:
    """Say which styles there are now, those of one's own among them."""
    schema["enum"] = [*STYLES, *own.usable()]


def _mixed(schema: dict[str, JsonValue]) -> None:
    _offered(schema)
    schema["x-mix"] = {"second": "second", "share": "share"}  # for forms


class RestyleParams(SteadyParams):
    """One style, or a mix of two; all may change between two frames."""

    style: str = Field(
        default="painterly",
        title="Style",
        description="How it is painted.",
        json_schema_extra=_mixed,
    )
    second: str = Field(
        default="pastel",
        title="Second style",
        description="Mixed in, by its share.",
        json_schema_extra=_offered,
    )
    share: float = Field(
        default=0.0, ge=0, le=1, title="Share", description="Of the second style; 0: without it."
    )
    strength: float = Field(
        default=1.0, ge=0, le=1, title="Strength", description="0 shows what the camera sees."
    )
    colours: Literal["taken", "kept"] = Field(
        default="taken", title="Colours", description="taken: the style's. kept: the camera's."
    )

    @field_validator("style", "second")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if value in STYLES:
            return value
        if value not in (mine := own.names()):
            raise ValueError(f"no style '{value[:40]}'; {did_you_mean(value, [*STYLES, *mine])}")
        try:
            own.find(value)
        except WeightsError as error:
            raise ValueError(str(error)) from error
        return value

    @property
    def mix(self) -> dict[str, float]:
        """The styles by their weights, which sum to 1."""
        if self.second == self.style:
            return {self.style: 1.0}
        return {self.style: 1 - self.share, self.second: self.share}


def mix_of(style: str | Mapping[str, float], known: Iterable[str] = ()) -> dict[str, Any]:
    """Return the params that a style stands for, or a mix: ``pastel=.5,ink-wash=.5``.

    A name may be cut short where it stays the only one of those that are known; by default those
    that ship and one's own. Raises InvalidParams.
    """
    shares = _shares(style, tuple(known) or (*STYLES, *own.names()))
    if not 1 <= len(shares) <= 2:
        raise InvalidParams(f"a mix of {len(shares)} styles", fix="mix two: pastel=.5,night=.5")
    whole = sum(shares.values())
    if not 0 < whole < float("inf") or min(shares.values()) < 0:
        raise InvalidParams("the shares of a mix add up to nothing", fix="pastel=.5,night=.5")
    first, *others = shares
    if not others:
        return {"style": first, "share": 0.0}
    return {"style": first, "second": others[0], "share": shares[others[0]] / whole}


def _shares(style: str | Mapping[str, float], known: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(style, str):
        return {_known(name, known): float(share) for name, share in style.items()}
    shares: dict[str, float] = {}
    for item in style.split(","):
        name, _, share = (part.strip() for part in item.partition("="))
        try:
            shares[_known(name, known)] = float(share or 1)
        except ValueError:
            raise InvalidParams(
                f"style: '{share[:40]}' is no share", fix="pastel=.5,night=.5"
            ) from None
    return shares


def _known(name: str, styles: tuple[str, ...]) -> str:
    found = [each for each in styles if each == name] or [s for s in styles if s.startswith(name)]
    if len(found) != 1 or not name:
        raise InvalidParams(f"no style '{name[:40]}'", fix=did_you_mean(name, found or styles))
    return found[0]
