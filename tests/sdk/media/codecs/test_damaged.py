"""Damaged films: whatever decoders make of them, the answer is frames, samples or InvalidMedia."""

import random
from collections.abc import Callable

import numpy as np
import pytest
from tests.sdk.media.codecs.films import film, sounds, tone

from livedraft.errors import InvalidMedia
from livedraft.media.codecs.ffmpeg import Limits
from livedraft.media.codecs.reading import probe, read_audio, read_video

SEED = 20_262
MUTANTS = 40  # of each kind
LIMITS = Limits(pixels=128 * 128, seconds=5)
FRAMES = list(np.random.default_rng(3).integers(0, 255, (5, 48, 64, 3), np.uint8))

KINDS = {
    "mp4": film(FRAMES, sound=tone(0.2)),
    "mp4, index first": film(FRAMES, sound=tone(0.2), muxer={"movflags": "faststart"}),
    "mp4, fragments": film(FRAMES, muxer={"movflags": "frag_keyframe+empty_moov"}),
    "webm": film(FRAMES, "webm", "libvpx", sound=tone(0.2), sound_codec="libopus"),
    "webm, vp9": film(FRAMES, "webm", "libvpx-vp9", sound=tone(0.2), sound_codec="libopus"),
    "mov": film(FRAMES, "mov", "mjpeg", form="yuvj420p", sound=tone(0.2), sound_codec="pcm_s16le"),
    "wav": sounds(tone(0.2)),
    "flac": sounds(tone(0.2), "flac", "flac"),
    "mp3": sounds(tone(0.2), "mp3", "libmp3lame"),
    "ogg": sounds(tone(0.2), "ogg", "libopus"),
}


def mutant(rng: random.Random, data: bytes) -> bytes:
    """Return a file with flipped, lost, repeated, foreign or odd bytes, or cut off."""
    made = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        # most of what decoders read is at the ends, and the rest is pixels
        at = rng.choice([rng.randrange(len(made)), rng.randrange(600), -rng.randrange(1, 900)])
        at %= len(made)
        how = rng.randrange(6)
        if how == 0:
            made[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            made[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff"])
        elif how == 2:
            del made[at : at + rng.randrange(1, 30)]
        elif how == 3:
            made[at:at] = made[at : at + rng.randrange(1, 200)]
        elif how == 4:
            other = rng.choice(list(KINDS.values()))
            made[at : at + 40] = other[at : at + 40]
        else:
            del made[max(100, at) :]
    return bytes(made)


def frames_of(data: bytes) -> int:
    """Return how many frames there are, each of which is one."""
    count, pts = 0, -1
    for chunk in read_video(data, limits=LIMITS, background=(0, 0, 0)):
        assert chunk.pts > pts
        assert chunk.size[0] * chunk.size[1] <= LIMITS.pixels
        count, pts = count + 1, chunk.pts
    return count


def samples_of(data: bytes) -> int:
    """Return how many samples there are."""
    count = sum(len(heard) for heard in read_audio(data, 16_000, 1, limits=LIMITS))
    assert count <= 16_000 * (LIMITS.seconds + 1)
    return count


def answer(read: Callable[[bytes], object], data: bytes) -> InvalidMedia | None:
    """Return the refusal, if it is one; any other error is raised."""
    try:
        read(data)
    except InvalidMedia as refusal:
        return refusal
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_media_or_a_refusal(kind: str) -> None:
    rng = random.Random(f"{SEED} {kind}")
    answers = []
    for _ in range(MUTANTS):
        data = mutant(rng, KINDS[kind])
        for read in (frames_of, samples_of, lambda data: probe(data, LIMITS)):
            answers.append(answer(read, data))
    assert all(each.fix for each in answers if each is not None)
    assert any(each is not None for each in answers)
    assert answer(lambda data: probe(data, LIMITS), KINDS[kind]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_bytes_alone_are_refused_or_read(kind: str) -> None:
    for length in range(0, 400, 13):
        for read in (frames_of, samples_of):
            refusal = answer(read, KINDS[kind][:length])
            assert refusal is None or refusal.fix
