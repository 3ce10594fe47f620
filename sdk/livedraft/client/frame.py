"""A picture that came back, with all that it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from PIL import Image

from livedraft.media.images import decode, mime_of, type_of
from livedraft.media.marks import is_signed
from livedraft.media.recipes import recipe_of, with_recipe
from livedraft.media.sources import PictureSource, write
from livedraft.protocol import messages as wire
from livedraft.protocol.messages import Note, Stage


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a session.

    ``id`` counts the messages of the session: it names the newest one that shaped the picture.
    ``timings`` are ms since the server received that message, see the protocol's page.
    """

    image: Image.Image = field(repr=False)  # RGB, or RGBA with straight alpha
    id: int
    stage: Stage  # "draft", "preview" or "final"
    model: str
    seed: int | None  # of a model that has one
    step: int  # of ``steps``, what a preview stands at
    steps: int
    params: dict[str, Any]  # as used
    timings: dict[str, float]  # ms
    dropped: int  # inputs that were superseded since the frame before
    batch: int  # jobs in the largest model call of this frame
    notes: tuple[Note, ...] = ()  # what to know of how it was made, such as words not known
    data: dict[str, Any] = field(default_factory=dict)  # what the model measured, see its card
    file: bytes = field(default=b"", repr=False)  # as it came, of one that is signed (C2PA)

    @property
    def recipe(self) -> dict[str, Any]:
        """What it takes to make the picture again, and its notes; PNGs carry it."""
        return recipe_of(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write a PNG, JPEG or WebP, as the path ends, with its recipe; raise InvalidImage.

        A signed file of the path's type is written as it came, since whatever is added breaks its
        signature.
        """
        signed = bool(self.file) and type_of(self.file) == mime_of(str(path))
        write(self.file if signed else self.image, path, recipe=self.recipe, as_is=signed)


def from_message(message: wire.Frame) -> Frame:
    """Decode a ``frame`` message; raise InvalidImage if its picture is damaged."""
    return Frame(
        image=with_recipe(decode(message.image)),
        id=message.id,
        stage=message.stage,
        model=message.model,
        seed=message.seed,
        step=message.step,
        steps=message.steps,
        params=message.params,
        timings=message.timings,
        dropped=message.dropped,
        batch=message.batch,
        notes=tuple(message.notes),
        data=message.data,
        file=message.image if is_signed(message.image) else b"",
    )


def save(image: PictureSource, path: str | PathLike[str]) -> None:
    """Write a picture with its recipe as PNG, JPEG or WebP, as the path ends; raise InvalidImage.

    The recipe is what ``generate`` left in ``.info["livedraft"]``, or what the file held that
    the picture was opened from; ``image.save`` drops it.
    """
    write(image, path)
