"""What comes by RTP: its times only grow, and none is in the future; its frames become pixels."""

from __future__ import annotations

import threading
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from hypothesis import given
from hypothesis import strategies as some
from tests.doubles import FakeClock

from livedraft.media.chunks import SECOND, VideoChunk
from livedraft.media.codecs.pixels import to_frame, to_rgb
from livedraft.media.images import Size, fitted
from livedraft.runtime.models.base import Pixels, VideoInput
from livedraft.runtime.models.loopback import Loopback
from livedraft.runtime.sessions.mailbox import Packets
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.transports.picture_pool import PicturePool
from livedraft.runtime.transports.webrtc import incoming
from livedraft.runtime.transports.webrtc.incoming import Arrival, Camera, Listener

STEPS = some.lists(some.tuples(some.integers(0, 200), some.integers(1, 9_000)), max_size=60)


@given(STEPS, some.integers(0, 2**32 - 1))
def test_frames_are_placed_in_order_and_not_ahead_of_their_arrival(
    steps: list[tuple[int, int]], first: int
) -> None:
    clock, time, last = FakeClock(), first, -1
    arrival = Arrival(clock)
    for ms, ticks in [(0, 0), *steps]:
        clock.advance(ms / 1000)
        time = (time + ticks) % 2**32
        begins, lasted = arrival.place(time, 90_000)
        assert last <= begins <= round(clock() * SECOND)
        assert lasted > 0
        last = begins


def test_a_first_frame_that_was_late_does_not_put_the_others_ahead() -> None:
    clock = FakeClock()
    arrival = Arrival(clock)
    clock.advance(0.5)
    assert arrival.place(0, 90_000)[0] == 500_000
    clock.advance(0.01)  # the next 33 ms of the camera's time are there after 10
    assert arrival.place(3_000, 90_000) == (510_000, 33_333)
    clock.advance(0.04)
    assert arrival.place(6_000, 90_000) == (543_333, 33_333)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("size", "within", "elsewhere"),
    [((64, 48), None, False), ((64, 48), (32, 32), True), ((640, 480), None, True)],
)
async def test_the_loop_converts_itself_what_is_sooner_done_than_handed_over(
    size: Size, within: Size | None, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def noted(*of: Any, **how: Any) -> Pixels:
        threads.append(threading.get_ident())
        return to_rgb(*of, **how)

    monkeypatch.setattr(incoming, "to_rgb", noted)
    pixels = np.full((size[1], size[0], 3), 90, np.uint8)
    frame = to_frame(pixels, "vp8", None, VideoReformatter())
    pictures = PicturePool(1, 10**6)
    taken: list[Packets] = []
    frame.time_base = Fraction(1, 90_000)
    width, height = within or (0, 0)
    info = replace(Loopback.info, inputs=(VideoInput("camera", width, height),))
    session = SimpleNamespace(info=info, owner="", id="", last_id=0)

    def take(name: str, made: Any) -> None:
        taken.append(made)

    told = Listener(cast(Session, session), pictures, take)
    Camera(FakeClock()).hear(frame, told)
    try:
        [chunk] = await taken[0].decoder.decode(taken[0])
    finally:
        pictures.close()
    assert isinstance(chunk, VideoChunk)
    assert chunk.size == fitted(size, within)
    assert abs(int(chunk.frames.mean()) - 90) <= 2
    assert [each != threading.get_ident() for each in threads] == [elsewhere]
