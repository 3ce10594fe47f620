"""The picture pool: encoded bytes to pixels and back, off the event loop and off the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from livedraft.errors import BadMessage
from livedraft.media import images
from livedraft.media.marking import USUAL, Marking

from ..heap import reuse_memory
from ..models.base import ImageInput, Pixels, VideoInput
from ..sessions.session import Session
from .turns import Flow, Turns

T = TypeVar("T")

_LARGE_PX = 2**20  # decoded in up to 30 ms; what is larger, in up to 0.8 s of one core
_WEBP_WEIGHT = 4  # a WebP's decoder takes up to four times the memory, and longer
_ANY = ("", "*/*", "image/*")
_WITH_ALPHA = ("image/webp", "image/png")


class PicturePool:
    """Encodes and decodes in threads of its own, so that neither the loop nor a model waits.

    Sessions take turns, see Turns. No picture is kept larger than its input is of use.
    """

    def __init__(self, threads: int, max_pixels: int, marking: Marking = USUAL) -> None:
        reuse_memory()
        self.marking = marking
        self.max_pixels = max_pixels
        self._turns = Turns(threads, "pictures")

    def probe(self, data: bytes) -> None:
        """Judge a picture by its header alone; raise InvalidImage."""
        images.probe(data, self.max_pixels)

    async def decode(self, data: bytes, spec: ImageInput | VideoInput, session: Session) -> Pixels:
        """Return (H, W, 3 | 4) uint8 for an input of a session; raise InvalidImage."""
        width, height = images.probe(data, self.max_pixels)
        cost = width * height * (_WEBP_WEIGHT if data.startswith(b"RIFF") else 1)
        cost += len(data)  # which are walked and unpacked, however few pixels they hold
        return await self._turns.run(
            lambda: np.asarray(images.decode(data, self.max_pixels, within=spec.within)),
            flow=Flow(session.owner, session.id),
            cost=cost,
            large=cost > _LARGE_PX,
        )

    async def encode(
        self, pixels: Pixels, mime: str, recipe: Mapping[str, Any] | None = None, *, flow: Flow
    ) -> bytes:
        """Return a picture's bytes; one with a recipe is a file, marked and signed as asked."""

        def written() -> bytes:
            if recipe is None:
                return images.encode(Image.fromarray(pixels), mime)
            told = self.marking.told(recipe)
            data = images.encode(Image.fromarray(pixels), mime, recipe=told)
            return self.marking.signed(data, mime, told)

        return await self._turns.run(
            written,
            flow=flow,
            cost=pixels.shape[0] * pixels.shape[1],
        )

    async def work(self, work: Callable[[], T], *, flow: Flow, cost: float) -> T:
        """Return what a codec of moving pictures or sound makes; ``cost`` is in px."""
        return await self._turns.run(work, flow=flow, cost=cost, large=cost > _LARGE_PX)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._turns.close()


def draft_mime(accept: Iterable[str], alpha: bool) -> str:
    """Return the type of drafts for a client; raise BadMessage if it takes none of ours.

    The client's order counts; for a model with transparency, types that carry it go first.
    Without a wish: WebP for RGBA, JPEG for RGB. Measured on one core of a 2-core virtual machine:
    a flat 256 × 256 RGBA drawing as WebP (method 0) takes 3.1 ms and 9 kB, as PNG (level 1)
    2.6 ms and 32 kB; with grain in it, 2.1 ms and 10 kB against 4.8 ms and 86 kB. 512 × 512 RGB:
    JPEG 0.5 ms, WebP 3.6 ms, PNG 13 ms.
    """
    ours = "image/webp" if alpha else "image/jpeg"
    wished = [ours if mime in _ANY else mime for mime in accept]
    known = [mime for mime in wished if mime in images.MIMES]
    if wished and not known:
        raise BadMessage(
            f"no picture type of {', '.join(wished)[:100]!r} is known",
            fix="accept one of " + ", ".join(images.MIMES),
        )
    fitting = [mime for mime in known if mime in _WITH_ALPHA or not alpha]
    return (fitting or known or [ours])[0]


def final_mime(accept: Iterable[str], draft: str) -> str:
    """Return the type of final pictures: PNG, which carries its recipe, wherever it is taken."""
    return "image/png" if takes(accept, "image/png") else draft


def takes(accept: Iterable[str], mime: str) -> bool:
    """Tell whether a client takes pictures of a type."""
    accepted = set(accept)
    return not accepted or bool(accepted & {mime, *_ANY})
