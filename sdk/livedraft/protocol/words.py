"""What several messages share: stages, notes, and how many pictures one of them may bring."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from typing_extensions import TypedDict

MOST_PICTURES = 16  # in one message, and types that a client may accept


# What a refine asks for: a picture; a film, or sound, piece by piece as it is made; the same as one
# file; a picture or such a file, as the model makes it. Empty: whatever comes, piece by piece.
Wants = Literal["", "picture", "film", "file", "either"]


class Stage(StrEnum):
    """What a frame is worth: a quick draft, a preview of a refine, or its end."""

    DRAFT = "draft"
    PREVIEW = "preview"
    FINAL = "final"


class Note(TypedDict):
    """What a user should know of how a picture was made: it may not be what was meant."""

    # Stable: "unknown_words", "unplaced_colour", "nearest_drawing", "scene", "photograph",
    # "no_picture", "no_person", "several_people", "prompt_cut", "elsewhere", "none_spared",
    # "late_sound".
    code: str
    message: str  # a sentence to show beside the param
    param: str  # the param it is about
    choices: list[str]  # values of the param that may be meant instead, the likeliest first


def few(value: object) -> object:
    """Refuse too many pictures before each of them is judged."""
    if isinstance(value, dict) and len(value) > MOST_PICTURES:
        raise ValueError(f"at most {MOST_PICTURES} pictures")
    return value
