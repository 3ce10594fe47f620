"""H.264 by the encoder of an NVIDIA GPU (NVENC), where there is one: it is tried before it is used.

Not all have one: A100, H100 and H200 have none.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from fractions import Fraction
from functools import cache
from typing import Any

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

log = logging.getLogger(__name__)

NAME = "h264_nvenc"
OPTIONS = {
    "preset": "p4",
    "tune": "ull",
    "zerolatency": "1",
    "delay": "0",
    "rc": "cbr",
    "profile": "baseline",
    "forced-idr": "1",
}
_LIBRARIES = ("libnvidia-encode.so.1", "nvEncodeAPI64.dll")  # of NVIDIA's drivers
_TRYING = threading.Lock()
_SIZE = (256, 256)  # px; some refuse less than 145 × 49


def works() -> bool:
    """Return whether frames can be encoded so; the first call tries it, and may take a second."""
    with _TRYING:  # cards have few sessions: two tries at once might fail for each other
        return not why_not()


@cache
def why_not() -> str:
    """Return why frames cannot be encoded so, nothing where they can."""
    why = _tried()
    log.info("NVENC %s", f"is not used: {why}" if why else "encodes H.264")
    return why


def _tried() -> str:
    if not any(_is_there(name) for name in _LIBRARIES):
        return "there is no NVIDIA driver with an encoder"
    try:
        made: Any = VideoCodecContext.create(NAME, "w")
        made.width, made.height = _SIZE
        made.pix_fmt, made.time_base = "yuv420p", Fraction(1, 30)
        made.options = dict(OPTIONS)
        frame = av.VideoFrame(*_SIZE, "yuv420p")
        frame.pts = 0
        return "" if made.encode(frame) else "it holds frames back"
    except (FFmpegError, ValueError) as error:  # the latter: FFmpeg was built without it
        return str(error)[:200]


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
