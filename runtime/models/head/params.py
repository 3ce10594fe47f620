"""Params of talking heads: who speaks, how, and what is said of it in the picture."""

from __future__ import annotations

from pydantic import Field, field_validator

from livedraft.errors import did_you_mean

from ..base import Params
from ..mixins import SeedParams
from .avatar import avatars, pictures
from .speech.voices import DEFAULT, VOICES, Manner

_VOICES = sorted(VOICES.targets())
_AVATARS = list(avatars())


class TalkingParams(Params):
    """What all talking heads take."""

    voice: str = Field(
        default=DEFAULT,
        description="Who speaks what comes as text.",
        json_schema_extra={"enum": [*_VOICES]},
    )
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Of speech that is made of text.")
    pitch: float = Field(default=1.0, ge=0.5, le=2.0, description="Of speech that is made of text.")
    listening: bool = Field(
        default=False, description="The other one speaks: the head is attentive while it is silent."
    )
    consent: bool = Field(
        default=False,
        description="Who is seen in the photograph agrees to its use; without it none is taken.",
    )
    badge: bool = Field(
        default=True, description="A mark in the picture says that a machine made it."
    )

    @field_validator("voice")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if value not in _VOICES:
            raise ValueError(f"no voice '{value[:40]}'; {did_you_mean(value, _VOICES)}")
        return value

    @property
    def manner(self) -> Manner:
        """How text is spoken."""
        return Manner(self.voice, self.speed, self.pitch)


class HeadParams(SeedParams, TalkingParams):
    """What the model ``head`` takes: who is seen, and how lively."""

    avatar: str = Field(
        default="",
        title="Avatar",
        description="Who is seen where there is no portrait; empty: the server's own choice.",
        # Pages show them to choose from: small pictures, as data URLs.
        json_schema_extra={"enum": ["", *_AVATARS], "x-pictures": {**pictures()}},
    )
    liveliness: float = Field(
        default=0.6,
        ge=0.0,
        le=1.0,
        title="Liveliness",
        description="How much head, eyes and brows move by themselves.",
    )

    @field_validator("avatar")
    @classmethod
    def _ships(cls, value: str) -> str:
        if value and value not in _AVATARS:
            raise ValueError(f"no avatar '{value[:40]}'; {did_you_mean(value, _AVATARS)}")
        return value
