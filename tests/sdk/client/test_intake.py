"""Films as they are taken: left before their end, or broken off by a server that starts anew."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from livedraft.client.intake import Intake
from livedraft.client.questions import Question
from livedraft.client.refining import Refine
from livedraft.errors import SessionError
from livedraft.media import images
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio
WHITE = images.encode(Image.new("RGB", (8, 8), "white"))


class Out:
    """What goes to the server: the newest that was confirmed, and films that were given up."""

    frame_due = False

    def __init__(self) -> None:
        self.media = self
        self.confirmed = 0
        self.left: list[Refine] = []

    def ask(self, track: str) -> None:
        """Ask for a key frame."""

    def taken_back(self, id: int) -> bool:
        """Nothing is."""
        return False

    def ack(self, message: wire.Frame | wire.Media) -> None:
        """Confirm."""
        self.confirmed = message.seq or self.confirmed

    def leave(self, refine: Refine) -> None:
        """Give up."""
        self.left.append(refine)


def piece(id: int, seq: int) -> wire.Media:
    return wire.Media(track="film", id=id, pts=seq, duration=1, codec="png", data=WHITE, seq=seq)


def taking(out: Out) -> Intake:
    stands_in: Any = out
    return Intake(stands_in, lambda: None, lambda: True, None)


def asking(id: int) -> Refine:
    refine: Refine = Question(wants="film", id=id, went=1)
    refine.ask({})
    return refine


async def test_of_a_film_that_has_come_whole_nothing_is_left_by_who_leaves() -> None:
    out, asked = Out(), asking(2)
    intake = taking(out)
    for seq in (1, 2, 3):
        intake.put(piece(2, seq))
    asked.answer(None)
    film = intake.film(asked, None)
    await anext(film)
    await film.aclose()
    assert (out.confirmed, out.left) == (3, [])
    assert not intake.put(piece(2, 4)), "what is late is not wanted"
    assert [made async for made in intake.outputs()] == []


async def test_a_film_that_was_begun_anew_is_not_the_rest_of_the_first() -> None:
    """In a fresh session ids begin again: the second one's may be the first one's."""
    asked = asking(2)
    intake = taking(Out())
    for seq in (1, 2):
        intake.put(piece(2, seq))
    film = intake.film(asked, None)
    await anext(film)
    intake.reopened(fresh=True)
    asked.went += 1
    intake.put(piece(2, 1))
    with pytest.raises(SessionError, match="broke within the film"):
        await anext(film)


async def test_what_was_left_before_keeps_nothing_of_a_fresh_session_away() -> None:
    intake = taking(Out())
    film = intake.film(asking(2), None)
    intake.put(piece(2, 1))
    await anext(film)
    await film.aclose()
    assert not intake.put(piece(2, 2))
    intake.reopened(fresh=False)
    assert not intake.put(piece(2, 3))
    intake.reopened(fresh=True)
    assert intake.put(piece(2, 1))
