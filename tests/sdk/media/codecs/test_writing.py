"""Films written: they read as they were meant, with their sound, their times and their mark."""

import io
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.sdk.media.codecs.films import RATE, film, plain, sounds, tone
from tests.sdk.media.codecs.test_reading import COLOURS, FRAMES, joined, middle
from tests.sdk.media.test_marks import source_type

from livedraft.errors import ConfigError, InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.media.codecs import Writer, probe, read_audio, read_video
from livedraft.media.marks import SOURCE_TYPE

ENDINGS = [".mp4", ".webm"]
WEBM = film(FRAMES * 10, "webm", "libvpx", sound=tone(1.6), sound_codec="libopus")
RECIPE = {"model": "restyle", "seed": 7, "params": {"style": "ink"}}


def chunk(number: int, pixels: Any = None) -> VideoChunk:
    frame = FRAMES[number % 4] if pixels is None else pixels
    return VideoChunk(frame[np.newaxis], number * 40_000, 40_000)


def heard(at: float, seconds: float, rate: int = RATE, channels: int = 1) -> AudioChunk:
    return AudioChunk(tone(seconds, rate, channels=channels), rate, round(at * SECOND))


def loud_from(data: Path, rate: int = RATE) -> float:
    """Return when the sound of a film begins, s."""
    level = np.abs(joined(list(read_audio(data, rate, 1)))[:, 0])
    return float(np.argmax(level > 4_000) / rate)


@pytest.mark.parametrize("ending", ENDINGS)
def test_frames_and_sound_read_as_they_were_written(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    with Writer(path, size=(64, 48), frame_rate=25, sound=(16_000, 1)) as writer:
        for number in range(50):
            writer.write(chunk(number))
            writer.write(heard(number * 0.04, 0.04, 16_000))
    chunks = list(read_video(path))
    assert np.abs(np.subtract([middle(each) for each in chunks[:4]], COLOURS)).max() <= 14
    assert [each.pts for each in chunks] == pytest.approx(range(0, 2_000_000, 40_000), abs=1_000)
    assert chunks[-1].end == pytest.approx(2_000_000, abs=2_000)
    sound = joined(list(read_audio(path, 16_000, 1)))
    assert len(sound) == pytest.approx(32_000, abs=1_100)  # codecs round up to their frames
    info = probe(path)
    assert (info.video, info.sound) == {
        ".mp4": ("h264", "aac"),
        ".webm": ("vp9", "opus"),
    }[ending]


@pytest.mark.parametrize("ending", ENDINGS)
def test_times_of_frames_are_kept_however_uneven(ending: str, tmp_path: Path) -> None:
    path, times = tmp_path / f"a{ending}", [0, 10_000, 500_000, 510_000, 1_700_000]
    with Writer(path, size=(64, 48)) as writer:
        for number, (pts, after) in enumerate(pairwise([*times, 1_900_000])):
            writer.write(VideoChunk(FRAMES[number % 4][np.newaxis], pts, after - pts))
    chunks = list(read_video(path))
    assert [each.pts for each in chunks] == pytest.approx(times, abs=1_000)
    assert chunks[-1].duration == pytest.approx(200_000, abs=1_000)


@pytest.mark.parametrize("ending", ENDINGS)
def test_sound_stands_where_its_time_is(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    with Writer(path, size=(64, 48), sound=(RATE, 1)) as writer:
        for number in range(50):
            writer.write(chunk(number))
        writer.write(heard(0.7, 0.3))
        writer.write(heard(0.9, 0.3))  # of which 0.1 s is too late
        writer.write(heard(1.6, 0.2))
    assert loud_from(path) == pytest.approx(0.7, abs=0.003)
    level = np.abs(joined(list(read_audio(path, RATE, 1)))[:, 0])
    windows = [level[round(at * RATE) : round((at + 0.1) * RATE)].max() for at in (0.75, 1.05, 1.3)]
    assert [bool(window > 4_000) for window in windows] == [True, True, False]
    assert level[round(1.65 * RATE) : round(1.75 * RATE)].max() > 4_000


@pytest.mark.parametrize(
    ("source", "ending", "codec"),
    [
        (film(FRAMES * 10, sound=tone(1.6)), ".mp4", "aac"),
        (
            film(FRAMES * 10, "webm", "libvpx", sound=tone(1.6), sound_codec="libopus"),
            ".webm",
            "opus",
        ),
        (
            film(FRAMES * 10, "webm", "libvpx", sound=tone(1.6), sound_codec="libopus"),
            ".mp4",
            "opus",
        ),
        (sounds(tone(1.6), "mp3", "libmp3lame"), ".mp4", "mp3"),
    ],
    ids=["aac", "opus", "opus in mp4", "mp3"],
)
def test_sound_is_kept_untouched_where_it_can_be(
    source: bytes, ending: str, codec: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    with Writer(path, size=(64, 48), sound_of=source) as writer:
        for number in range(40):
            writer.write(chunk(number))
    assert probe(path).sound == codec
    assert packets(path.read_bytes()) == packets(source)
    before, after = (joined(list(read_audio(each, RATE, 1))) for each in (source, path))
    shift = np.argmax(np.abs(after[:, 0]) > 4_000) - np.argmax(np.abs(before[:, 0]) > 4_000)
    assert abs(shift) <= RATE // 1000


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        (film(FRAMES * 10, sound=tone(1.6)), ".webm"),
        (sounds(tone(1.6, 44_100), rate=44_100), ".mp4"),
        (sounds(tone(1.6, 44_100), rate=44_100), ".webm"),
    ],
    ids=["aac to opus", "wav to aac", "wav to opus"],
)
def test_sound_that_cannot_be_kept_is_encoded_anew(
    source: bytes, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    with Writer(path, size=(64, 48), sound_of=source) as writer:
        for number in range(40):
            writer.write(chunk(number))
    assert probe(path).sound == {".webm": "opus", ".mp4": "aac"}[ending]
    assert probe(path).duration == pytest.approx(1_600_000, abs=60_000)
    assert loud_from(path) == pytest.approx(0, abs=0.01)


def packets(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def test_a_silent_film_lends_no_sound(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.mp4", size=(64, 48), sound_of=film(FRAMES)) as writer:
        writer.write(chunk(0))
    assert probe(tmp_path / "a.mp4").sound == ""


@pytest.mark.parametrize("ending", ENDINGS)
def test_sound_alone_is_a_file(ending: str, tmp_path: Path) -> None:
    with Writer(tmp_path / f"a{ending}", sound=(22_050, 2)) as writer:
        writer.write(heard(0, 0.5, 22_050, 2))
    info = probe(tmp_path / f"a{ending}")
    assert (info.video, info.channels) == ("", 2)


def test_an_mp4_begins_with_its_index(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.mp4", size=(64, 48), recipe=RECIPE) as writer:
        writer.write(chunk(0))
    kinds = [kind for kind, _ in boxes((tmp_path / "a.mp4").read_bytes())]
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    assert kinds[-1] == b"uuid"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_film_that_a_model_made_is_marked_and_carries_its_recipe(
    ending: str, tmp_path: Path
) -> None:
    path, bare = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    for each, recipe in ((path, RECIPE), (bare, None)):
        with Writer(each, size=(64, 48), recipe=recipe) as writer:
            writer.write(chunk(0))
    assert (probe(path).recipe, probe(bare).recipe) == (RECIPE, None)
    assert (marked(path), marked(bare)) == (SOURCE_TYPE, None)


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return an MP4's boxes."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + size]))
        at += size
    return found


def marked(path: Path) -> str | None:
    """Return what a film says of where it comes from, found as readers of metadata do."""
    if path.suffix == ".webm":
        with av.open(str(path), "r") as file:
            return file.metadata.get("DIGITAL_SOURCE_TYPE")
    xmp = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    found = [body[16:] for kind, body in boxes(path.read_bytes()) if body[:16] == xmp]
    return source_type(found[0]) if found else None


@pytest.mark.parametrize("size", [(63, 47), (64, 47), (1, 1)])
def test_odd_sides_grow_by_a_pixel(size: tuple[int, int], tmp_path: Path) -> None:
    with Writer(tmp_path / "a.mp4", size=size) as writer:
        writer.write(chunk(0, plain(COLOURS[1], size)))
    (shown,) = read_video(tmp_path / "a.mp4")
    assert shown.size == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    assert middle(shown) == pytest.approx(COLOURS[1], abs=14)


def test_alpha_needs_a_background(tmp_path: Path) -> None:
    clear = plain((255, 0, 0, 0))
    with (
        pytest.raises(InvalidMedia, match="transparency"),
        Writer(tmp_path / "a.mp4", size=(64, 48)) as writer,
    ):
        writer.write(chunk(0, clear))
    with Writer(tmp_path / "a.mp4", size=(64, 48), background=(0, 0, 255)) as writer:
        writer.write(chunk(0, clear))
    assert middle(next(read_video(tmp_path / "a.mp4"))) == pytest.approx((0, 0, 255), abs=14)


@pytest.mark.parametrize(
    "write",
    [
        lambda writer: None,
        lambda writer: writer.write(chunk(0, plain((0, 0, 0), (32, 32)))),
        lambda writer: [writer.write(chunk(1)), writer.write(chunk(0))],
        lambda writer: [writer.write(chunk(1)), writer.write(chunk(1))],
        lambda writer: writer.write(heard(0, 0.1)),
    ],
    ids=["no frame", "another size", "backwards", "twice", "sound that was not told of"],
)
def test_what_makes_no_film_leaves_the_file_as_it_was(write: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"mine")
    with pytest.raises(InvalidMedia) as refusal, Writer(path, size=(64, 48)) as writer:
        write(writer)
    assert refusal.value.fix
    assert path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("sound_of", [None, WEBM, sounds(tone(0.1))])
def test_an_error_of_the_caller_is_its_own_and_leaves_nothing(
    sound_of: bytes | None, tmp_path: Path
) -> None:
    def fail() -> None:
        with Writer(tmp_path / "a.webm", size=(64, 48), sound_of=sound_of) as writer:
            writer.write(chunk(0))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_gap_without_end_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidMedia, match="a gap of"),
        Writer(tmp_path / "a.mp4", sound=(RATE, 1)) as writer,
    ):
        writer.write(heard(1e6, 0.1))


@pytest.mark.parametrize("how", [{}, {"size": (64, 48), "sound": (1, 1), "sound_of": b""}])
def test_a_film_of_nothing_or_of_two_sounds_is_refused(how: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia):
        Writer(tmp_path / "a.mp4", **how)


def test_where_no_file_can_be_none_is_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match=r"end its name in \.mp4"):
        Writer(tmp_path / "a.avi", size=(64, 48))
    with pytest.raises((ConfigError, InvalidMedia)):
        Writer(tmp_path / "none" / "a.mp4", size=(64, 48)).__enter__()
    with pytest.raises(InvalidMedia):
        Writer(tmp_path / "a.mp4", size=(64, 48), sound_of=b"noise").__enter__()
    assert list(tmp_path.iterdir()) == []
