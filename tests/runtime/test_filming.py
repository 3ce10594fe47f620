"""Films as they are written: who gives one up, sound that comes late, and what ends one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.doubles import result

from livedraft.media.chunks import SECOND, AudioChunk, Output, VideoChunk
from livedraft.media.codecs import Writer, probe
from livedraft.media.marking import Marking
from livedraft.runtime.filming import written
from livedraft.runtime.sessions.result import Result

pytestmark = pytest.mark.anyio
WHITE = np.full((1, 32, 32, 3), 255, np.uint8)


def piece(output: Output) -> Result:
    return result("film", output)


def frame(number: int) -> Result:
    return piece(VideoChunk(WHITE, number * SECOND // 10, SECOND // 10))


async def pieces(*outputs: Result) -> AsyncGenerator[Result, None]:
    for each in outputs:
        yield each


async def test_sound_that_comes_late_is_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    sound = piece(AudioChunk(np.zeros((4_800, 1), np.int16), 48_000, SECOND))
    made = await written(pieces(*map(frame, range(12)), sound), path, Marking(), sounds=True)
    assert [note["code"] for note in made.notes] == ["late_sound"]
    assert (made.frames, probe(path.read_bytes()).sound) == (12, "")


async def test_who_gives_a_film_up_again_and_again_waits_for_what_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is closed under its encoder would end the process."""
    encodes, may_go_on = threading.Event(), threading.Event()
    told: list[str] = []
    write, leave = Writer.write, Writer.__exit__

    def slow(self: Writer, chunk: VideoChunk | AudioChunk) -> None:
        encodes.set()
        may_go_on.wait(30)
        write(self, chunk)
        told.append("written")

    def left(self: Writer, kind: Any, error: Any, trace: Any) -> None:
        told.append("closed")
        leave(self, kind, error, trace)

    monkeypatch.setattr(Writer, "write", slow)
    monkeypatch.setattr(Writer, "__exit__", left)
    film = written(pieces(frame(0)), tmp_path / "film.mp4", Marking(), sounds=False)
    task = asyncio.create_task(film)
    await asyncio.to_thread(encodes.wait, 30)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    assert told == []
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["written", "closed"]
    assert not [*tmp_path.iterdir()]


async def test_the_end_of_a_film_is_encoded_beside_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[threading.Thread] = []
    leave = Writer.__exit__

    def left(self: Writer, kind: Any, error: Any, trace: Any) -> None:
        where.append(threading.current_thread())
        leave(self, kind, error, trace)

    monkeypatch.setattr(Writer, "__exit__", left)
    await written(pieces(frame(0)), tmp_path / "film.mp4", Marking(), sounds=False)
    assert where != []
    assert threading.main_thread() not in where
