"""Pictures, video and sound as values: what they hold, what they refuse, when what is due."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from livedraft.errors import InvalidImage, InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, Still, VideoChunk, microseconds


def frames(count: int = 2, alpha: bool = False) -> Any:
    return np.zeros((count, 4, 6, 3 + alpha), np.uint8)


def test_of_what_is_no_sound_nothing_is_heard() -> None:
    samples = np.array([[np.nan], [np.inf], [-np.inf], [50.0], [0.5]], np.float32)
    assert AudioChunk(samples, 24_000, 0).pcm[:, 0].tolist() == [0, 32767, -32768, 32767, 16384]


def pcm(count: int = 160, channels: int = 1, kind: Any = np.int16) -> Any:
    return np.zeros((count, channels), kind)


def test_a_still_tells_its_size_and_is_a_picture() -> None:
    still = Still(frames()[0])
    assert still.size == (6, 4)
    assert (still.image.mode, still.image.size) == ("RGB", (6, 4))


@pytest.mark.parametrize(
    ("mode", "kept"), [("RGB", "RGB"), ("RGBA", "RGBA"), ("L", "RGB"), ("LA", "RGBA"), ("1", "RGB")]
)
def test_a_picture_becomes_a_still_and_comes_back(mode: str, kept: str) -> None:
    image = Image.linear_gradient("L").resize((6, 4)).convert(mode)
    back = Still.of(image).image
    assert back.mode == kept
    assert back.tobytes() == image.convert(kept).tobytes()


@pytest.mark.parametrize(
    "pixels",
    [frames(), frames()[0][..., 0], frames()[0][:0], frames()[0].astype(np.float32), b"123", None],
)
def test_a_still_refuses_what_is_no_picture(pixels: Any) -> None:
    with pytest.raises(InvalidImage, match="a still cannot hold") as refusal:
        Still(pixels)
    assert "uint8" in refusal.value.fix


@pytest.mark.parametrize("rgb", [True, False])
def test_a_video_chunk_spaces_its_frames_evenly(rgb: bool) -> None:
    chunk = VideoChunk(frames(3, alpha=not rgb), pts=10, duration=100_000)
    assert [pts for _, pts in chunk] == [10, 33_343, 66_676]
    assert (len(chunk), chunk.size, chunk.end) == (3, (6, 4), 100_010)


@given(st.integers(1, 12), st.integers(0, 10**12), st.integers(12, 10**9))
def test_the_times_of_frames_ascend_within_their_chunk(count: int, pts: int, duration: int) -> None:
    chunk = VideoChunk(frames(count), pts, duration)
    times = [each for _, each in chunk]
    assert times[0] == pts
    assert times == sorted(set(times))
    assert times[-1] < chunk.end


@pytest.mark.parametrize(
    ("held", "pts", "duration"),
    [
        (frames()[0], 0, 1),
        (frames(0), 0, 1),
        (frames().astype(np.int16), 0, 1),
        (frames(), -1, 40_000),
        (frames(), 0.5, 40_000),
        (frames(), True, 40_000),
        (frames(), 0, 1),
        (frames(), 0, 40_000.0),
    ],
)
def test_a_video_chunk_refuses_what_is_no_video(held: Any, pts: Any, duration: Any) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        VideoChunk(held, pts, duration)
    assert refusal.value.fix


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_an_audio_chunk_tells_its_length(kind: Any) -> None:
    chunk = AudioChunk(pcm(480, 2, kind), 48_000, pts=7)
    assert (len(chunk), chunk.channels, chunk.duration, chunk.end) == (480, 2, 10_000, 10_007)


def test_sound_may_be_of_no_length() -> None:
    assert AudioChunk(pcm(0), 16_000, 5).end == 5


@pytest.mark.parametrize(
    ("samples", "rate", "pts"),
    [
        (pcm()[:, 0], 16_000, 0),
        (pcm(channels=0), 16_000, 0),
        (pcm(channels=9), 16_000, 0),
        (pcm(kind=np.float64), 16_000, 0),
        (pcm(), 0, 0),
        (pcm(), 16_000.0, 0),
        (pcm(), 10**6, 0),
        (pcm(), 16_000, -1),
        ([0, 1], 16_000, 0),
    ],
)
def test_an_audio_chunk_refuses_what_is_no_sound(samples: Any, rate: Any, pts: Any) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        AudioChunk(samples, rate, pts)
    assert refusal.value.fix


@given(st.integers(0, 10**12), st.integers(1_000, 384_000))
def test_samples_become_the_nearest_microsecond(samples: int, rate: int) -> None:
    assert abs(microseconds(samples, rate) * rate - samples * SECOND) * 2 <= rate


def test_the_values_bring_in_neither_numpy_nor_a_codec() -> None:
    script = (
        "import sys, livedraft; livedraft.VideoChunk, livedraft.Still, livedraft.AudioChunk;"
        "print([name for name in ('numpy', 'av', 'PIL') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr


def test_without_the_extra_the_error_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['av'] = None; import livedraft; livedraft.AsyncClient;\n"
        "from livedraft.errors import MissingExtraError\n"
        "try: import livedraft.media.codecs.reading\n"
        "except MissingExtraError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "pip install 'livedraft[media]'" in told.stdout, told.stderr
