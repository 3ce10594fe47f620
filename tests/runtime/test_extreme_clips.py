"""Clips of the far ends: three hours, a frame a second, portraits in 4K; made, and gone on from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from tests.runtime.clips import FRAMES, restyled

from livedraft.media.chunks import SECOND, VideoChunk
from livedraft.media.codecs import OWN, Growing, probe, read_video

HOURS, EACH_S = 3, 20
_CHILD = """import resource, sys
import livedraft as ld
ld.restyle(sys.argv[1], sys.argv[2], size=32, steady=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"""
_MOST_MORE_KIB = 40 * 1024


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def long(path: str, seconds: int) -> None:
    """Write a film of a frame each twenty seconds, and of sound without a gap."""
    with av.open(path, "w") as file:
        picture, sound = file.add_stream("libx264", rate=25), file.add_stream("aac", rate=8000)
        assert isinstance(picture, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        picture.options, sound.layout = {"preset": "ultrafast"}, "mono"
        for number in range(seconds // EACH_S):
            shown = av.VideoFrame.from_ndarray(FRAMES[number % len(FRAMES)], "rgb24")
            shown.pts = number * EACH_S * 25
            file.mux(picture.encode(shown))
            for part in range(EACH_S):
                heard = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
                heard.rate, heard.pts = 8000, (number * EACH_S + part) * 8000
                file.mux(sound.encode(heard))
        file.mux(picture.encode())
        file.mux(sound.encode())


def times(path: str) -> list[int]:
    return [chunk.pts for chunk in read_video(path, limits=OWN)]


def peak_kib(clip: str, to: str) -> int:
    """Return the most memory that a process takes which restyles a clip, and nothing else."""
    command = [sys.executable, "-c", _CHILD, clip, to]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_three_hours_are_made_in_the_memory_of_ten_minutes_and_gone_on_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long("short.mp4", 600)
    long("long.mp4", HOURS * 3600)
    whole = HOURS * 3600 // EACH_S
    few = peak_kib("short.mp4", "short_out.mp4")
    many = peak_kib("long.mp4", "whole.mp4")
    assert many - few < _MOST_MORE_KIB
    assert many > 0.5 * few, "it is the memory of a process that restyles"
    write, count = Growing.write, [0]

    def breaks(film: Growing, chunk: VideoChunk) -> None:
        count[0] += 1
        if count[0] == whole // 2:
            raise KeyboardInterrupt
        write(film, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(Growing, "write", breaks)
        with pytest.raises(KeyboardInterrupt):
            restyled("long.mp4", size=32)
    made = restyled("long.mp4", size=32)
    assert made.kept > 0.3 * HOURS * 3600 * SECOND
    assert made.frames < 0.7 * whole
    assert len(times("out.mp4")) == whole
    assert times("out.mp4") == times("whole.mp4") == times("long.mp4")
    info = probe("out.mp4", OWN)
    assert info.duration == pytest.approx(HOURS * 3600 * SECOND, abs=21 * SECOND)
    assert info.sound == "aac"


def test_a_frame_a_second_and_less_keeps_its_times() -> None:
    long("slow.mp4", 80)
    made = restyled("slow.mp4")
    assert made.frames == 4
    assert times("out.mp4") == [0, 20 * SECOND, 40 * SECOND, 60 * SECOND]


def test_a_portrait_in_4k_of_60_frames_a_second_becomes_small_and_keeps_each() -> None:
    with av.open("tall.mp4", "w") as file:
        picture = file.add_stream("libx264", rate=60)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = 2160, 3840, "yuv420p"
        picture.options = {"preset": "ultrafast"}
        for number in range(12):
            pixels = np.full((3840, 2160, 3), 40 + 15 * number, np.uint8)
            file.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(picture.encode())
    made = restyled("tall.mp4")
    assert made.frames == 12
    frames = list(read_video("out.mp4"))
    assert {chunk.size for chunk in frames} == {(36, 64)}
    assert times("out.mp4") == times("tall.mp4")
