"""Messages of a server that tell how things stand: places, models, and what is being made."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Id, Message, Params
from .words import Note


class Queued(Message):
    """Tell the place in the queue; 1 is next."""

    type: Literal["queued"] = "queued"
    position: int


class Loading(Message):
    """Tell how far a model is that the session waits for; ``total`` is 0 while that is unknown.

    ``served``: it was there before, and comes back to its device or is made ready for a size.
    """

    type: Literal["loading"] = "loading"
    model: str
    title: str  # how people call it
    state: str  # loading, warming; of arrivals also waiting, ready, failed
    done: int
    total: int
    unit: str = ""  # bytes, parts, shapes
    message: str  # a sentence to show
    served: bool = False


class Loras(Message):
    """Tell which LoRAs a model of the session has now: some came, or were taken away."""

    type: Literal["loras"] = "loras"
    model: str
    loras: list[dict[str, str]]  # all: name, title and description, as in ``opened.model``
    params: Params  # all params in force: of what is gone none is


class Progress(Message):
    """Tell how far the final picture or film is that ``id`` asked for, and when it is ``done``."""

    type: Literal["progress"] = "progress"
    id: Id
    model: str
    step: int = 0
    steps: int = 0  # 0 while nobody knows how many
    notes: list[Note] = Field(
        []
    )  # what there is to know meanwhile, as the place in another's queue
    done: bool = False  # nothing more comes of it
    later = frozenset({"notes", "done"})


class Film(Message):
    """Carry a final film as a file, with its recipe and its marks."""

    type: Literal["film"] = "film"
    id: Id
    model: str
    seed: int | None = None  # of a model that has one
    params: Params  # as used
    mime: str
    width: int  # px; 0 of sound alone
    height: int  # px
    frames: int
    duration: Id  # µs
    data: bytes
    notes: list[Note] = Field(default=[])  # as a frame's
    about: dict[str, Any] = Field(default={})  # as a frame's ``data``
    later = frozenset({"seed", "notes", "about"})
