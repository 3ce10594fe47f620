"""Files of video and sound become frames and PCM: pixels, times, turns and samples as meant."""

import io
import wave
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.sdk.media.codecs.films import RATE, film, plain, sounds, tone

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.media.codecs.ffmpeg import Limits
from livedraft.media.codecs.reading import probe, read_audio, read_video

COLOURS = [(220, 40, 30), (30, 200, 60), (40, 60, 210), (200, 200, 40)]
FRAMES = [plain(colour) for colour in COLOURS]
NOISE = list(np.random.default_rng(1).integers(0, 255, (30, 48, 64, 3), np.uint8))
CODECS = {
    "h264": ("mp4", "libx264", "aac"),
    "h264 in matroska": ("matroska", "libx264", "aac"),
    "vp8": ("webm", "libvpx", "libopus"),
    "vp9": ("webm", "libvpx-vp9", "libopus"),
    "mjpeg": ("mov", "mjpeg", "pcm_s16le"),
}


def middle(chunk: VideoChunk) -> tuple[int, ...]:
    height, width = chunk.frames.shape[1:3]
    return tuple(int(each) for each in chunk.frames[0, height // 2, width // 2])


def joined(chunks: Sequence[AudioChunk]) -> Any:
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize("codec", CODECS)
def test_frames_and_sound_come_back(codec: str) -> None:
    kind, video, sound = CODECS[codec]
    form = "yuvj420p" if video == "mjpeg" else "yuv420p"
    data = film(FRAMES, kind, video, sound=tone(0.16), sound_codec=sound, form=form)
    chunks = list(read_video(data))
    assert np.abs(np.subtract([middle(chunk) for chunk in chunks], COLOURS)).max() <= 9
    assert [chunk.pts for chunk in chunks] == pytest.approx([0, 40_000, 80_000, 120_000], abs=1_000)
    assert [chunk.duration for chunk in chunks] == pytest.approx([40_000] * 4, abs=1_000)
    heard = joined(list(read_audio(data, 16_000, 1)))
    assert len(heard) == pytest.approx(0.16 * 16_000, abs=1200)  # codecs round up to their frames
    assert np.abs(heard[400:1600]).max() == pytest.approx(16_000, rel=0.1)


def test_a_probe_tells_what_there_is() -> None:
    info = probe(film(FRAMES, sound=tone(0.16, channels=2)))
    assert (info.width, info.height, info.frame_rate) == (64, 48, Fraction(25))
    assert (info.video, info.sound, info.rate, info.channels) == ("h264", "aac", RATE, 2)
    assert info.duration == pytest.approx(160_000, abs=25_000)
    assert probe(sounds(tone(0.5))).duration == 500_000
    assert probe(film(FRAMES, "webm", "libvpx", sound=None)).video == "vp8"


def test_a_path_reads_as_its_bytes_do(tmp_path: Path) -> None:
    path = tmp_path / "a film: of mine.mp4"
    path.write_bytes(film(FRAMES))
    assert len(list(read_video(path))) == len(list(read_video(str(path)))) == 4


@pytest.mark.parametrize("matrix", [1, 5, 6])
@pytest.mark.parametrize("scale", [1, 2], ids=["limited", "full"])
def test_matrix_and_range_are_the_files_own(matrix: int, scale: int) -> None:
    data = film(FRAMES, space=(matrix, scale), options={"qp": "4"})
    for chunk, colour in zip(read_video(data), COLOURS, strict=True):
        assert middle(chunk) == pytest.approx(colour, abs=4)


@pytest.mark.parametrize(("size", "matrix"), [((64, 48), 5), ((1280, 720), 1)])
def test_a_matrix_that_is_not_told_goes_by_the_height(size: tuple[int, int], matrix: int) -> None:
    told = film([plain(COLOURS[0], size)], space=(matrix, 1), options={"qp": "4"})
    silent = film(
        [plain(COLOURS[0], size)],
        space=(matrix, 1),
        options={"qp": "4", "x264-params": "colormatrix=undef:colorprim=undef:transfer=undef"},
    )
    assert middle(next(read_video(told))) == pytest.approx(COLOURS[0], abs=4)
    assert middle(next(read_video(silent))) == pytest.approx(COLOURS[0], abs=4)


@pytest.mark.parametrize(("transfer", "white"), [("smpte2084", 148), ("arib-std-b67", 191)])
def test_white_of_hdr_is_white_and_not_grey(transfer: str, white: int) -> None:
    """By ITU-R BT.2408, table 1: .58 of PQ, .75 of HLG."""
    frames = [plain((level,) * 3) for level in (0, white)]
    data = film(frames, options={"qp": "4", "x264-params": f"transfer={transfer}"})
    black, paper = (middle(chunk) for chunk in read_video(data))
    assert black == pytest.approx([0, 0, 0], abs=3)
    assert paper == pytest.approx([238, 238, 238], abs=4)
    told = film(frames, options={"qp": "4"})
    assert [middle(chunk) for chunk in read_video(told)][1] == pytest.approx([white] * 3, abs=4)


def test_vp8_is_bt_601_at_any_size() -> None:
    data = film([plain(COLOURS[1], (1280, 720))], "webm", "libvpx", options={"crf": "4"})
    assert middle(next(read_video(data))) == pytest.approx(COLOURS[1], abs=6)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_camera_held_otherwise_gives_upright_frames(rotation: int) -> None:
    upright = plain((0, 0, 0), (64, 48))
    upright[:24, :32] = 255  # top left is white
    stored = np.ascontiguousarray(np.rot90(upright, -rotation // 90))
    data = film([stored], rotation=rotation)
    shown = next(read_video(data))
    assert shown.size == (64, 48)
    corners = [shown.frames[0, y, x, 0] > 127 for y, x in [(4, 4), (4, -4), (-4, 4), (-4, -4)]]
    assert corners == [True, False, False, False]
    assert (probe(data).width, probe(data).height) == (64, 48)


def test_frames_keep_their_own_times() -> None:
    times = [0, 0.04, 0.5, 0.51]
    chunks = list(read_video(film(FRAMES, times=times)))
    assert [chunk.pts for chunk in chunks] == pytest.approx([t * SECOND for t in times], abs=100)
    assert [chunk.end for chunk in chunks[:3]] == [chunk.pts for chunk in chunks[1:]]


def test_frames_at_one_time_are_spaced_by_the_rate() -> None:
    data = film(FRAMES, "matroska", times=[0, 0.0001, 0.08, 0.12], options={"bf": "0"})
    times = [chunk.pts for chunk in read_video(data)]
    assert times == pytest.approx([0, 40_000, 80_000, 120_000], abs=1_000)


def test_a_film_that_begins_late_begins_at_zero_and_its_sound_with_it() -> None:
    data = film(FRAMES, "matroska", times=[5.0, 5.04, 5.08, 5.12], sound=None)
    assert [chunk.pts for chunk in read_video(data)] == [0, 40_000, 80_000, 120_000]


def test_one_frame_is_a_film() -> None:
    (chunk,) = read_video(film(FRAMES[:1]))
    assert (chunk.pts, chunk.duration > 0) == (0, True)


def test_sound_of_no_length_is_no_chunk() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
    assert list(read_audio(out.getvalue())) == []


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"])
def test_pcm_of_any_depth_comes_back(codec: str) -> None:
    heard = joined(list(read_audio(sounds(tone(0.1), codec=codec))))
    assert len(heard) == 4_800
    error = np.abs(heard.astype(int) - tone(0.1))
    assert error.max() <= (1 if codec != "pcm_u8" else 256)


def test_stereo_stays_and_is_mixed_on_demand() -> None:
    data = sounds(tone(0.1, channels=2))
    assert joined(list(read_audio(data))).shape == (4_800, 2)
    assert joined(list(read_audio(data, 16_000, 1))).shape == (1_600, 1)


ALPHA = [plain((220, 40, 30, 0)), plain((220, 40, 30, 255))]


def test_transparency_is_refused_unless_a_background_is_given() -> None:
    data = film(ALPHA, "webm", "libvpx-vp9", form="yuva420p", options={"auto-alt-ref": "0"})
    with pytest.raises(InvalidMedia, match="transparency") as refusal:
        list(read_video(data))
    assert "background" in refusal.value.fix
    clear, covered = read_video(data, background=(0, 0, 255))
    assert middle(clear) == pytest.approx((0, 0, 255), abs=6)
    assert middle(covered) == pytest.approx((220, 40, 30), abs=9)


LITTLE = Limits(pixels=64 * 48 - 1)


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (LITTLE, "64 × 48 px"),
        (Limits(seconds=1), "over 1 s"),
        (Limits(file_bytes=100), "a file of"),
    ],
)
@pytest.mark.parametrize(
    "read", [probe, lambda data, limits: list(read_video(data, limits=limits))]
)
def test_too_much_is_refused(read: Any, limits: Limits, match: str) -> None:
    data = film(FRAMES, times=[0, 1, 2, 3])
    with pytest.raises(InvalidMedia, match=match) as refusal:
        read(data, limits)
    assert refusal.value.fix


def test_too_much_sound_is_refused() -> None:
    with pytest.raises(InvalidMedia, match="over 1 s"):
        list(read_audio(sounds(tone(1.5)), limits=Limits(seconds=1)))


def test_a_length_that_the_header_hides_is_found_while_reading() -> None:
    data = bytearray(film(FRAMES, "matroska", times=[0, 1, 2, 3]))
    at = data.index(b"\x44\x89")  # the element Duration, a float
    data[at] = 0xEC  # the next bytes are void
    with pytest.raises(InvalidMedia, match="over 1 s"):
        list(read_video(bytes(data), limits=Limits(seconds=1)))


NOT_MEDIA = {
    "nothing": b"",
    "noise": bytes(range(256)) * 20,
    "a text": b"hello " * 100,
    "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a picture": (Path(__file__).parents[1] / "cases" / "iccp-cut.png").read_bytes(),
}


@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_no_film_is_refused(name: str) -> None:
    for read in (probe, lambda data: list(read_video(data)), lambda data: list(read_audio(data))):
        with pytest.raises(InvalidMedia) as refusal:
            read(NOT_MEDIA[name])
        assert refusal.value.fix


@pytest.mark.parametrize("path", ["/dev/zero", "none.mp4", "http://localhost/a.mp4", "a\0b", "."])
def test_only_files_are_read(path: str) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        probe(path)
    assert refusal.value.fix


def test_what_a_file_does_not_have_is_told() -> None:
    with pytest.raises(InvalidMedia, match="no sound"):
        list(read_audio(film(FRAMES)))
    with pytest.raises(InvalidMedia, match="no video"):
        list(read_video(sounds(tone(0.1))))


@pytest.mark.parametrize(("over", "match"), [(0, "cut off after 1.[0-9] of 3.0 s"), (9, "damaged")])
def test_a_film_that_is_cut_off_says_so(over: int, match: str) -> None:
    data = film(NOISE, fps=10, muxer={"movflags": "faststart"}, options={"bf": "0"})
    with av.open(io.BytesIO(data), "r") as file:
        ends = [(packet.pos or 0) + packet.size for packet in file.demux() if packet.size]
    chunks = read_video(data[: ends[14] + over])
    assert next(chunks).pts == 0
    with pytest.raises(InvalidMedia, match=match):
        list(chunks)


def test_reading_may_end_early() -> None:
    chunks = read_video(film(FRAMES))
    assert next(chunks).pts == 0
    chunks.close()  # type: ignore[attr-defined]  # a generator, which frees the file


def test_what_is_neither_path_nor_bytes_is_refused() -> None:
    with pytest.raises(InvalidMedia, match="a BytesIO"):
        probe(io.BytesIO(film(FRAMES)))  # type: ignore[arg-type]  # the fault meant
