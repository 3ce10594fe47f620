"""An interruption: what waits of sound and text is gone, and what has no end goes on."""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.doubles import FakeClock, FakeSink
from tests.parrot import RATE, Parrot
from tests.runtime.sessions.turning import eventually, no_pictures

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import AudioChunk, TextChunk
from livedraft.runtime.engine.engine import Engine
from livedraft.runtime.models.base import AudioInput, Request, TextInput, VideoInput
from livedraft.runtime.models.echo import Echo
from livedraft.runtime.sessions.mailbox import MOST_PIECES, Change, Mailbox, Packet, Packets
from livedraft.runtime.sessions.runner import Runner
from livedraft.runtime.sessions.session import Session

pytestmark = pytest.mark.anyio
TEXT = TextInput("text", max_chars=20)
SPEECH = AudioInput("speech", max_s=10.0)
PARAMS = Echo.params()


def sound(value: int = 1, pts: int = 0) -> AudioChunk:
    return AudioChunk(np.full((RATE // 25, 1), value, np.int16), RATE, pts)


def written(*texts: str) -> Change:
    box = Mailbox()
    for id, text in enumerate(texts):
        box.append(id, 0.0, PARAMS, TEXT, TextChunk(text, id))
    change = box.take()
    assert change is not None
    return change


def texts(change: Change) -> list[str]:
    return [piece.text for piece in change.media["text"] if isinstance(piece, TextChunk)]


def test_text_is_joined_up_to_where_an_utterance_ends() -> None:
    change = written("Good ", "morn", "ing.", "", "", "Bye")
    assert texts(change) == ["Good morning.", "", "Bye"]
    assert (change.dropped, change.held_bytes) == (0, 64)


def test_more_text_than_may_wait_is_refused_and_what_waits_stays() -> None:
    box = Mailbox()
    box.append(1, 0.0, PARAMS, TEXT, TextChunk("x" * 15, 0))
    with pytest.raises(InvalidMedia, match="more than 20 characters wait"):
        box.append(2, 0.0, PARAMS, TEXT, TextChunk("y" * 6, 1))
    box.append(3, 0.0, PARAMS, TEXT, TextChunk("z" * 5, 2))
    change = box.take()
    assert change is not None
    assert texts(change) == ["x" * 15 + "z" * 5]


def test_ends_of_utterances_do_not_pile_up_either() -> None:
    box = Mailbox()
    large = TextInput("text", max_chars=10**6)
    for id in range(MOST_PIECES):
        box.append(id, 0.0, PARAMS, large, TextChunk("" if id % 2 else "x", id))
    with pytest.raises(InvalidMedia, match="utterances"):
        box.append(MOST_PIECES, 0.0, PARAMS, large, TextChunk("x", MOST_PIECES))


def test_an_interruption_empties_the_lines_and_leaves_what_is_newest_wins() -> None:
    box = Mailbox()
    camera = VideoInput("camera")
    blind = Packets(Held(), (Packet(0, 1, b"x", True, 40_000),), 0, 40_000)
    box.append(1, 0.0, PARAMS, camera, blind)
    box.append(2, 0.0, PARAMS, SPEECH, sound())
    box.append(3, 0.0, PARAMS, TEXT, TextChunk("gone", 0))
    box.interrupt(4, 0.0, PARAMS, ["speech", "text"])
    box.append(5, 0.0, PARAMS, TEXT, TextChunk("new", 1))
    change = box.take()
    assert change is not None
    assert (change.id, change.interrupted, change.dropped, change.dropped_us) == (
        5,
        True,
        2,
        40_000,
    )
    assert change.media["camera"] == [blind]
    assert texts(change) == ["new"]
    assert "speech" not in change.media


def test_a_picture_after_an_interruption_does_not_hide_it() -> None:
    box = Mailbox()
    box.interrupt(1, 0.0, PARAMS, ["speech"])
    box.put(2, 0.0, PARAMS, {"portrait": b"x"})
    change = box.take()
    assert change is not None
    assert change.interrupted


class Held:
    """Stands in for a decoder that is let go by hand."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()

    async def decode(self, piece: Packets) -> Sequence[AudioChunk]:
        self.begun += 1
        await self.go.wait()
        return [sound(piece.packets[0].number + 1, piece.pts)]


class Talking:
    """A parrot before a sink, on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.clock, self.sink, self.parrot = FakeClock(), FakeSink(), Parrot()
        self.engine = Engine(models={"parrot": self.parrot})
        self.timers: list[Any] = []
        self.runner = Runner(
            [self.engine],
            no_pictures,
            clock=self.clock,
            later=lambda seconds, call: self.timers.append(call),
        )
        self.session: Session = self.runner.open("parrot", {}, self.sink)

    async def __aenter__(self) -> "Talking":
        self._running = asyncio.create_task(self.runner.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.session.close()
        await self.runner.drain()
        await self.runner.released()
        self._running.cancel()
        self.engine.close()

    async def heard(self, count: int) -> list[Request[Any]]:
        """Return the requests, once there are so many and the job waits for its time."""
        await eventually(lambda: len(self.parrot.heard) >= count and bool(self.timers))
        return self.parrot.heard

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        timers, self.timers = self.timers, []
        for call in timers:
            call()
        await eventually(lambda: bool(self.timers))

    @property
    def loud(self) -> list[tuple[int, bool]]:
        """Of each tick's sound the id, and whether anything is heard."""
        made = [(each.id, each.output) for each in self.sink.results]
        return [(id, bool(a.samples.any())) for id, a in made if isinstance(a, AudioChunk)]


async def test_what_has_no_end_goes_on_and_says_no_word_more() -> None:
    async with Talking() as talk:
        talk.session.media(1, "text", TextChunk("x" * 1000, 0))
        await talk.heard(1)
        assert all(is_loud for _, is_loud in talk.loud)
        talk.session.interrupt(2)  # and nothing else comes
        first, second = await talk.heard(2)
        assert (first.interrupted, second.interrupted) == (False, True)
        assert isinstance(second.running, type(first.running)) or second.running is not None
        before = len(talk.loud)
        await talk.advance(0.2)
        assert [*{each for each in talk.loud[before:]}] == [(2, False)]
        talk.session.media(3, "text", TextChunk("y", 1))
        third = (await talk.heard(3))[2]
        assert not third.interrupted
        await talk.advance(0.2)
        assert (3, True) in talk.loud


async def test_an_interruption_before_anything_begins_in_silence() -> None:
    async with Talking() as talk:
        talk.session.interrupt(1)
        (request,) = await talk.heard(1)
        assert request.interrupted
        assert request.running is None
        assert not any(is_loud for _, is_loud in talk.loud)


async def test_packets_that_are_being_decoded_are_taken_back() -> None:
    async with Talking() as talk:
        talk.session.update(1, {})
        await talk.heard(1)
        decoder = Held()
        for number in range(3):
            packet = Packet(number, 2 + number, b"x", True, 40_000)
            talk.session.media(
                2 + number, "speech", Packets(decoder, (packet,), number * 40_000, 40_000)
            )
        await eventually(lambda: decoder.begun == 1)
        talk.session.interrupt(9)
        talk.session.media(10, "speech", sound(7, 200_000))
        decoder.go.set()
        requests = await talk.heard(3)
        assert [(each.interrupted, len(each.audio.get("speech", ()))) for each in requests] == [
            (False, 0),
            (False, 0),
            (True, 1),
        ]
        assert requests[2].audio["speech"][0].samples.max() == 7
        assert decoder.begun == 1, "what waited was not decoded"


async def test_interruptions_in_a_storm_leave_the_last_word() -> None:
    async with Talking() as talk:
        for id in range(1, 400, 2):
            talk.session.media(id, "text", TextChunk(f"{id} ", id))
            talk.session.interrupt(id + 1)
            if id % 20 == 1:
                await asyncio.sleep(0)
        talk.session.media(401, "text", TextChunk("end", 401))
        await eventually(lambda: bool(talk.loud) and talk.loud[-1][0] == 401)
        said = "".join(piece.text for piece in talk.parrot.heard[-1].text["text"])
        assert said == "end"


async def test_a_resumed_session_can_be_interrupted() -> None:
    async with Talking() as talk:
        talk.session.media(1, "text", TextChunk("x" * 1000, 0))
        await talk.heard(1)
        talk.session.detach()
        await eventually(lambda: talk.runner.under_way == 0)
        talk.session.attach(talk.sink)
        talk.timers.clear()
        talk.session.interrupt(5)
        requests = await talk.heard(2)
        assert requests[1].interrupted
        assert requests[1].running is None
        await talk.advance(0.2)
        assert talk.loud[-1] == (5, False)


async def test_a_refine_is_given_up() -> None:
    async with Talking() as talk:
        talk.session.refine(1, {})
        talk.session.interrupt(2)
        await eventually(lambda: bool(talk.loud))
        assert {id for id, _ in talk.loud} == {2}
