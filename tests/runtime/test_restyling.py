"""A clip in another style: sound and times stay, what was written stays, bad clips are told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.runtime.clips import FRAMES, SIZE, UNEVEN, clip, packets, pictures, restyled, times
from tests.sdk.client.test_real_server import serving
from tests.sdk.media.codecs.films import film, tone

import livedraft as ld
from livedraft.errors import BadInput, ConfigError, InvalidMedia, InvalidParams
from livedraft.media.codecs import probe
from livedraft.media.marks import CHANGED, SOURCES
from livedraft.runtime.models.restyle.model import Restyle, RestyleJob
from livedraft.runtime.models.restyle.params import mix_of


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Broken(Exception):
    """What ends a work."""


def until(done: int) -> Callable[[int, int], None]:
    def told(done_us: int, all_us: int) -> None:
        if done_us >= done:
            raise Broken

    return told


def test_sound_is_the_same_bit_by_bit_and_every_frame_keeps_its_time() -> None:
    source = clip(times=UNEVEN)
    told: list[tuple[int, int]] = []
    made = restyled(source, on_progress=lambda *at: told.append(at))
    assert packets("out.mp4") == packets(source)
    assert times("out.mp4") == pytest.approx(times(source), abs=12)
    assert (made.frames, made.kept, made.messages) == (60, 0, ())
    assert told[0][0] == 0
    assert sorted(told) == told
    info = probe("out.mp4")
    assert info.recipe is not None
    assert info.recipe["params"]["style"] == "night"
    assert "part" not in info.recipe
    assert (SOURCES + CHANGED).encode() in Path("out.mp4").read_bytes()
    assert np.abs(pictures("out.mp4") - pictures(source)).mean() > 20, "it is another picture"
    assert list(Path.cwd().glob("*.part*")) == []


@pytest.mark.parametrize("to", ["out.mp4", "out.webm"])
def test_what_was_broken_off_plays_and_is_gone_on_from(to: str) -> None:
    source = clip(times=UNEVEN)
    restyled(source, f"whole.{to[4:]}")
    for stop in (700_000, 1_500_000):
        with pytest.raises(Broken):
            restyled(source, to, on_progress=until(stop))
    parts = sorted(Path.cwd().glob("out.part*"))
    assert len(parts) == 2
    assert all(probe(part).sound for part in parts)
    count = sum(len(times(str(part))) for part in parts)
    made = restyled(source, to)
    assert made.frames == 60 - count
    assert made.kept >= 1_400_000
    assert times(to) == pytest.approx(times(source), abs=1_000)
    if to == "out.mp4":
        assert packets(to) == packets(source)
    apart = np.abs(pictures(to) - pictures(f"whole.{to[4:]}")).mean((1, 2, 3))
    assert apart.max() < 8, "of codecs, and of what keeps it calm"
    assert list(Path.cwd().glob("*.part*")) == []


def test_a_power_cut_loses_what_was_not_on_the_disk_alone() -> None:
    source = "clip.mp4"
    Path(source).write_bytes(film(FRAMES * 4, sound=tone(9.6)))
    code = f"""
import os, livedraft
def told(done, all):
    if done > 9_000_000: os._exit(9)
livedraft.restyle({source!r}, "out.mp4", style="night", size={SIZE}, on_progress=told)"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    with av.open("out.part1.mp4") as file:
        there = [packet for packet in file.demux(video=0) if packet.size]
    assert len(there) >= 150, "the last fragments of 2 s may not be there"
    made = restyled(source)
    assert made.frames == 240 - len(there)
    assert times("out.mp4") == pytest.approx(times(source), abs=12)


def test_parts_of_other_params_are_kept_and_refused_unless_it_begins_anew() -> None:
    source = clip()
    with pytest.raises(Broken):
        restyled(source, on_progress=until(500_000))
    with pytest.raises(ConfigError, match=r"out.part1.mp4 is of another clip") as refused:
        restyled(source, style="pastel")
    assert "--anew" in refused.value.fix
    assert Path("out.part1.mp4").exists()
    assert restyled(source, style="pastel", anew=True).frames == 60


def test_a_part_that_is_gone_leaves_no_film_without_its_beginning() -> None:
    source = clip()
    for stop in (700_000, 1_500_000):
        with pytest.raises(Broken):
            restyled(source, on_progress=until(stop))
    Path("out.part1.mp4").unlink()
    with pytest.raises(ConfigError, match=r"out\.part2\.mp4 goes on from a part that is gone"):
        restyled(source)
    assert restyled(source, anew=True).frames == 60


def test_of_two_runs_at_once_one_makes_the_film_and_the_other_says_so() -> None:
    source, second = clip(), [0]

    def begins(done_us: int, all_us: int) -> None:
        if done_us > 1_000_000 and not second[0]:
            second[0] = restyled(source).frames

    with pytest.raises(ConfigError, match=r"out\.part1\.mp4 is gone") as refused:
        restyled(source, on_progress=begins)
    assert "another run" in refused.value.fix
    assert second[0] > 30
    assert times("out.mp4") == pytest.approx(times(source), abs=12)


def test_a_film_that_was_turned_and_of_any_size_is_upright() -> None:
    source = clip(rotation=90)
    restyled(source, size=48, style="pencil")
    info = probe("out.mp4")
    assert (info.width, info.height) == (36, 48)
    inside, outside = pictures(source)[0], pictures("out.mp4")[0]
    light = [
        np.asarray(each.mean(2)[:: len(each) // 12, :: len(each[0]) // 9][:12, :9])
        for each in (inside, outside)
    ]
    assert np.corrcoef(light[0].ravel(), light[1].ravel())[0, 1] > 0.3


def test_orders_that_cannot_be_are_refused_before_anything_is_written() -> None:
    source = clip()
    orders: list[tuple[dict[str, Any], type[ld.LivedraftError]]] = [
        ({"size": 5}, InvalidParams),
        ({"size": True}, InvalidParams),
        ({"strength": 2}, InvalidParams),
        ({"stile": "night"}, InvalidParams),
        ({"style": "nihgt"}, InvalidParams),
        ({"model": "ink"}, BadInput),
        ({"to": "out.gif"}, InvalidMedia),
        ({"to": source}, InvalidMedia),
        ({"to": "no/out.mp4"}, ConfigError),
    ]
    for how, error in orders:
        with pytest.raises(error) as refused:
            restyled(source, **how)
        assert refused.value.fix, how
    assert [each.name for each in Path.cwd().iterdir()] == [source]


def test_a_mix_is_two_styles_with_their_shares() -> None:
    assert mix_of("pastel") == {"style": "pastel", "share": 0.0}
    assert mix_of("pastel=1,ink=3") == {"style": "pastel", "second": "ink-wash", "share": 0.75}
    assert mix_of({"night": 0.5, "pencil": 0.5})["share"] == 0.5
    for wrong in ("", "p", "pastel,night,ember", "pastel=0", "pastel=x", "pastel=-1,night=2", "="):
        with pytest.raises(InvalidParams) as refused:
            mix_of(wrong)
        assert refused.value.fix


def test_memory_does_not_grow_with_the_clip() -> None:
    """No frame stays when it is written."""
    import tracemalloc

    source = clip("long.mp4", times=[n / 25 for n in range(60)])
    peaks: list[int] = []

    def told(done_us: int, all_us: int) -> None:
        peaks.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        restyled(source, on_progress=told)
    finally:
        tracemalloc.stop()
    frame = 64 * 48 * 3
    grown = np.median(peaks[40:]) - np.median(peaks[10:30])
    assert grown < 12 * frame, "of the thirty between"


@pytest.mark.parametrize("by_server", [False, True])
def test_a_model_that_fails_midway_is_told_and_gone_on_from(
    by_server: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, step, count = clip(), Restyle.step, [0]

    def fails(model: Restyle, jobs: Sequence[RestyleJob]) -> None:
        count[0] += 1
        if count[0] == 20:
            raise ValueError("no paint")
        step(model, jobs)

    with ExitStack() as stack:
        where = {"url": stack.enter_context(served())} if by_server else {}
        with monkeypatch.context() as patch:
            patch.setattr(Restyle, "step", fails)
            with pytest.raises(ld.ModelFailed):
                restyled(source, **where)
        assert restyled(source, **where).frames in range(40, 50)


def test_a_server_makes_the_same() -> None:
    source = clip(times=UNEVEN)
    restyled(source, "here.mp4")
    with served() as url:
        made = restyled(source, url=url)
    assert made.frames == 60
    assert packets("out.mp4") == packets(source)
    assert times("out.mp4") == pytest.approx(times(source), abs=12)
    assert np.abs(pictures("out.mp4") - pictures("here.mp4")).mean() < 12, "it went as JPEG"
    recipe = probe("out.mp4").recipe
    assert recipe is not None
    assert (recipe["model"], recipe["params"]["style"]) == ("restyle", "night")


@contextmanager
def served() -> Iterator[str]:
    """Serve on a thread of its own."""
    ready, over, found = threading.Event(), threading.Event(), [""]

    async def serve() -> None:
        async with serving(models=("restyle",)) as client:
            found[0] = client.url
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(60), "it starts"
        yield found[0]
    finally:
        over.set()
        thread.join()
