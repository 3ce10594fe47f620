"""A stream's size is known from its key frames before any of it is decoded."""

from __future__ import annotations

import io
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sdk.media.codecs.films import plain

from livedraft.errors import InvalidMedia
from livedraft.media.codecs import VideoEncoder
from livedraft.media.key_frames import frame_size

SIZES = [(16, 16), (64, 48), (640, 360), (1920, 1080), (34, 1000)]


def key_frame(codec: str, size: tuple[int, int]) -> bytes:
    return VideoEncoder(codec, size).encode(plain((90, 20, 200), size), 0, 40_000).data


@pytest.mark.parametrize("size", SIZES)
def test_vp8_says_its_size(size: tuple[int, int]) -> None:
    assert frame_size("vp8", key_frame("vp8", size)) == size


@pytest.mark.parametrize("size", SIZES)
def test_h264_says_its_size_in_whole_blocks(size: tuple[int, int]) -> None:
    width, height = size
    wanted = (-(-width // 16) * 16, -(-height // 16) * 16)
    assert frame_size("h264", key_frame("h264", size)) == wanted


@pytest.mark.parametrize(
    "more",
    [
        {"profile": "high"},
        {"profile": "high", "x264-params": "cqm=jvt"},
        {"profile": "high444"},
        {"x264-params": "interlaced=1"},
        {"profile": "main", "x264-params": "ref=4:bframes=2"},
    ],
)
def test_h264_of_any_kind_says_its_size(more: dict[str, str]) -> None:
    encoder: Any = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.time_base = 320, 192, Fraction(1, 25)
    encoder.pix_fmt = "yuv444p" if more.get("profile") == "high444" else "yuv420p"
    encoder.options = {"preset": "veryfast", **more}
    frame = av.VideoFrame.from_ndarray(plain((9, 9, 9), (320, 192)), "rgb24")
    data = io.BytesIO()
    for packet in [*encoder.encode(frame.reformat(format=encoder.pix_fmt)), *encoder.encode(None)]:
        data.write(bytes(packet))
    assert frame_size("h264", data.getvalue()) == (320, 192)


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_other_frames_say_nothing(codec: str) -> None:
    encoder = VideoEncoder(codec, (64, 48))
    encoder.encode(plain((0, 0, 0)), 0, 40_000)
    assert frame_size(codec, encoder.encode(plain((9, 9, 9)), 40_000, 40_000).data) is None
    assert frame_size(codec, b"") is None


def test_vp8_says_sizes_that_nobody_should_decode() -> None:
    assert frame_size("vp8", b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f") == (16_383, 16_383)


@given(codec=st.sampled_from(["vp8", "h264"]), cut=st.integers(0, 300), data=st.binary())
def test_what_is_cut_off_or_no_stream_at_all_is_a_size_none_or_a_refusal(
    codec: str, cut: int, data: bytes
) -> None:
    for packet in (data, b"\0\0\1\x67" + data, key_frame(codec, (64, 48))[:cut] + data):
        size: tuple[int, int] | None = None
        with suppress(InvalidMedia):
            size = frame_size(codec, packet)
        assert size is None or min(size) >= 0
