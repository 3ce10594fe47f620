"""Odd, damaged or missing clips: a film is made as far as it can be, or it is said why not."""

from __future__ import annotations

import re
from pathlib import Path

import av
import pytest
from tests.runtime.clips import FRAMES, clip, restyled
from tests.sdk.media.codecs.films import film, sounds, tone

from livedraft.errors import InvalidMedia
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
    (message,) = restyled("cut.mkv", "cut.mp4").messages
    assert re.fullmatch(r"its pictures end at 0\.\d of 2\.4 s", message)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.wav", sounds(tone(0.3)), "no video"),
        ("a.mp4", b"no film at all", "damaged"),
        ("a.mp4", b"", "damaged"),
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
