"""Sound as users hold it: files, PCM and pieces as they come, cut anew and one after the other."""

import io
import wave
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import AudioChunk
from livedraft.media.sounds import sounds

pytestmark = pytest.mark.anyio
RATE = 24_000
TONE = (np.arange(RATE * 3) % 20_000).astype(np.int16)


def wav(samples: Any = TONE, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()


async def made(sound: Any, rate: int = RATE) -> list[AudioChunk]:
    chunks = [chunk async for chunk in sounds(sound, rate)]
    assert all(abs(after.pts - before.end) <= 1 for before, after in pairwise(chunks))
    return chunks


def halves() -> Iterator[Any]:
    yield TONE[:RATE]
    yield TONE[RATE:]


async def coming() -> AsyncIterator[Any]:
    for half in halves():
        yield half.tobytes()


@pytest.mark.parametrize(
    "sound",
    [
        TONE,
        TONE[:, None],
        TONE.tobytes(),
        bytearray(TONE.tobytes()),
        wav(),
        halves(),
        coming(),
        [AudioChunk(TONE[:, None], RATE, 77)],
        [TONE[:1], TONE[1:]],
        (TONE[at : at + 7] for at in range(0, len(TONE), 7)),
    ],
    ids=lambda sound: type(sound).__name__,
)
async def test_it_is_the_same_sound_however_it_is_held(sound: Any) -> None:
    chunks = await made(sound)
    assert np.array_equal(np.concatenate([chunk.samples[:, 0] for chunk in chunks]), TONE)
    assert chunks[0].pts == 0
    assert all(RATE // 50 <= len(chunk) <= RATE for chunk in chunks[:-1])


async def test_a_file_tells_its_own_rate(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(wav(rate=8000))
    for sound in (path, str(path)):
        chunks = await made(sound)
        assert {chunk.rate for chunk in chunks} == {8000}
        assert sum(map(len, chunks)) == len(TONE)


async def test_a_minute_is_cut_and_single_samples_are_joined() -> None:
    minute = await made(np.zeros(60 * RATE, np.float32))
    assert len(minute) == 60
    single = await made([np.zeros(1, np.int16)] * 1000)
    assert [len(chunk) for chunk in single] == [480, 480, 40]
    assert await made([]) == []


async def test_pieces_of_other_kinds_follow_on_those_before() -> None:
    stereo = AudioChunk(np.zeros((800, 2), np.int16), 16_000, 0)
    chunks = await made([TONE[:2400], stereo, np.zeros(100, np.float64)])
    assert [(len(c), c.rate, c.channels, c.pts) for c in chunks] == [
        (2400, RATE, 1, 0),
        (800, 16_000, 2, 100_000),
        (100, RATE, 1, 150_000),
    ]


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (b"\x00", "no 16-bit samples"),
        ([b"\x00\x00\x00"], "no 16-bit samples"),
        (np.zeros(10, np.int32), "cannot hold int32"),
        (np.zeros((2, 3, 4), np.int16), "cannot hold"),
        (7, "cannot hold a int"),
        ([None, TONE], None),
        (["text"], "cannot hold a str"),
        ("missing.wav", "missing.wav"),
        (b"RIFF nonsense", "is damaged"),
    ],
)
async def test_what_is_no_sound_is_refused(sound: Any, why: str | None) -> None:
    if why is None:
        assert await made(sound) == [], "None ends an iterator"
        return
    with pytest.raises(InvalidMedia, match=why):
        await made(sound)
