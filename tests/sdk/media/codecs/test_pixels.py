"""Pixels to frames and back: in their colours, each of which is of all px that it stands for."""

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from livedraft.media.codecs.pixels import to_frame, to_rgb


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_colours_come_back_and_one_reformatter_takes_any_size(codec: str) -> None:
    by = VideoReformatter()
    for side in (32, 64, 48):
        for colour in ((255, 0, 0), (0, 255, 0), (10, 200, 90), (0, 0, 0), (255, 255, 255)):
            made = np.full((side, side, 3), colour, np.uint8)
            back = to_rgb(to_frame(made, codec, None, by), codec, None)
            assert np.abs(back.astype(int) - made).max() <= 3


def test_every_px_counts_in_a_colour() -> None:
    stripes = np.zeros((16, 64, 3), np.uint8)
    stripes[:, ::2], stripes[:, 1::2] = (255, 0, 0), (0, 0, 255)
    frame = to_frame(stripes, "vp8", None, VideoReformatter())
    red, blue = (
        to_frame(np.full_like(stripes, colour), "vp8", None, VideoReformatter())
        for colour in ((255, 0, 0), (0, 0, 255))
    )
    for plane in (1, 2):  # Cb and Cr lie midway, not at one stripe's
        between = [np.frombuffer(_of(each, plane), np.uint8)[:32].mean() for each in (red, blue)]
        assert abs(np.frombuffer(_of(frame, plane), np.uint8)[4:28].mean() - sum(between) / 2) < 6


def _of(frame: VideoFrame, plane: int) -> bytes:
    return bytes(frame.planes[plane])
