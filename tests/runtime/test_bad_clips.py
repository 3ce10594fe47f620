"""Odd, damaged or missing clips: a film is made as far as it can be, or it is said why not."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import av
import pytest
from tests.runtime.clips import FRAMES, clip, restyled, times
from tests.sdk.media.codecs.films import film, sounds, tone

import livedraft.files
from livedraft.errors import ConfigError, InvalidMedia
from livedraft.media.codecs import probe, read_audio, read_video


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_sound_and_with_7_1() -> None:
    restyled(clip("mute.mp4", sound=None))
    assert probe("out.mp4").sound == ""
    loud = "loud.mov"
    seven(loud)
    made = restyled(loud, "seven.mp4")
    assert (probe("seven.mp4").sound, probe("seven.mp4").channels) == ("aac", 2)
    assert made.messages == ("its 8 channels of sound became two",)
    assert sum(len(c) for c in read_audio("seven.mp4")) == pytest.approx(48_000, abs=2_100)


def seven(path: str) -> None:
    """Write a film of a second with eight channels of PCM."""
    with av.open(path, "w") as file:
        picture = file.add_stream("libx264", rate=25)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        heard = file.add_stream("pcm_s16le", rate=48_000, layout="7.1")
        assert isinstance(heard, av.AudioStream)
        for pixels in FRAMES[:25]:
            file.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        file.mux(picture.encode())
        pcm = av.AudioFrame.from_ndarray(tone(1.0, channels=8).reshape(1, -1), "s16", "7.1")
        pcm.sample_rate = 48_000
        file.mux(heard.encode(pcm))
        file.mux(heard.encode())


def test_of_a_clip_damaged_in_the_middle_the_rest_is_made_and_it_is_told() -> None:
    data = bytearray(Path(clip()).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    Path("bad.mp4").write_bytes(data)
    with pytest.raises(InvalidMedia):
        list(read_video("bad.mp4"))
    made = restyled("bad.mp4")
    assert 50 < made.frames < 60
    assert any("damaged" in message for message in made.messages)
    cut = film(FRAMES, muxer={"movflags": "faststart"})
    Path("cut.mp4").write_bytes(cut[: len(cut) * 2 // 3])
    made = restyled("cut.mp4", "cut_out.mp4")
    assert 20 < made.frames < 60
    assert made.messages


def test_what_is_lost_without_a_word_of_the_demuxer_is_told_with_its_times() -> None:
    assert restyled(clip("whole.matroska")).messages == ()
    shown = [*(n / 25 for n in range(30)), *(2 + n / 25 for n in range(30))]
    hole = film(FRAMES, "matroska", times=shown)
    Path("hole.mkv").write_bytes(hole)
    assert restyled("hole.mkv", "hole.mp4").messages == ()  # it stands for less than a second
    shown = [*(n / 25 for n in range(30)), *(3 + n / 25 for n in range(30))]
    Path("long.mkv").write_bytes(film(FRAMES, "matroska", times=shown))
    assert restyled("long.mkv", "long.mp4").messages == ("its picture stands from 1.2 to 3.0 s",)
    whole = Path(clip("whole.matroska")).read_bytes()
    Path("cut.mkv").write_bytes(whole[: len(whole) // 4])
    for name, data in (("cut.mkv", whole), ("untold.mkv", whole.replace(b"DURATION", b"DURATIOM"))):
        Path(name).write_bytes(data[: len(data) // 4])
        (message,) = restyled(name, "cut.mp4").messages
        assert re.fullmatch(r"the video is cut off after 0\.\d of 2\.4 s", message)


@pytest.mark.parametrize("kind", ["mp4", "matroska", "untold.matroska"])
def test_sound_that_lasts_longer_than_the_pictures_is_no_damage(kind: str) -> None:
    told: list[tuple[int, int]] = []
    data = film(FRAMES, kind.removeprefix("untold."), sound=tone(6.0), options={"g": "10"})
    if kind.startswith("untold"):  # as programs write it that tell the whole file's length alone
        data = data.replace(b"DURATION", b"DURATIOM")
    Path("long.film").write_bytes(data)
    made = restyled("long.film", on_progress=lambda *at: told.append(at))
    assert (made.frames, made.messages) == (60, ())
    assert probe("out.mp4").duration == pytest.approx(6_000_000, abs=50_000), "the sound is whole"
    if not kind.startswith("untold"):
        assert told[-1][0] == pytest.approx(told[-1][1], abs=50_000), "it is about the pictures"


def test_a_clip_whose_clock_begins_late_is_whole() -> None:
    late = film(FRAMES, "matroska", times=[5 + n / 25 for n in range(60)])
    for name, data in (("a.mkv", late), ("b.mkv", late.replace(b"DURATION", b"DURATIOM"))):
        Path(name).write_bytes(data)
        assert restyled(name).messages == ()


@pytest.mark.parametrize(
    "length", ["0:0:1e9999999999", "0:0:1e99", "0:0:inf", "0:0:nan", "0:0:1/0", f"{'9' * 14}:0:0"]
)
def test_a_length_that_no_film_has_is_none(length: str) -> None:
    data, told = film(FRAMES[:5], "matroska"), b"00:00:00.200000000"
    assert told in data
    odd = data.replace(told, length.encode().ljust(len(told)))
    assert probe(odd).shown == 0
    assert len(list(read_video(odd))) == 5
    assert probe(data).shown == 200_000


def test_a_full_disk_is_told_as_such_and_gone_on_from(monkeypatch: pytest.MonkeyPatch) -> None:
    source, limits = clip(), resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(livedraft.files, "ROOM_BYTES", 4096)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))  # what a full disk does
        with pytest.raises(ConfigError, match="cannot be written") as refused:
            restyled(source, size=320)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "room" in refused.value.fix
    made = restyled(source, size=320)
    assert 0 < made.frames < 60, "of what had room nothing is made again"
    assert times("out.mp4") == pytest.approx(times(source), abs=12)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.wav", sounds(tone(0.3)), "no video"),
        ("a.mp4", b"no film at all", "damaged"),
        ("a.mp4", b"", "empty"),
        ("a.avi", film(FRAMES[:2], "avi"), "not read here"),
        ("a.ts", film(FRAMES[:2], "mpegts"), "not read here"),
        ("a.mp4", film(FRAMES[:2]).replace(b"avc1", b"zzzz"), "of the codec 'unknown'"),
        ("missing.mp4", None, "cannot read 'missing.mp4'"),
    ],
)
def test_no_film_is_told(name: str, data: bytes | None, why: str) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    with pytest.raises(InvalidMedia, match=why) as refused:
        restyled(name)
    assert refused.value.fix
    assert [each.name for each in Path.cwd().iterdir()] == ([name] if data is not None else [])
