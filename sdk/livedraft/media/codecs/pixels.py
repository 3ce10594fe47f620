"""Decoded frames to upright sRGB pixels and back: colour matrix, range, rotation, alpha."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from livedraft.errors import InvalidMedia

from .tones import HLG, PQ, Deep, to_sdr

if TYPE_CHECKING:
    from ..chunks import Pixels

RGB = tuple[int, int, int]  # 0 to 255

# What a frame without a word of its matrix has (what players assume): by height, HD or not.
_HD_FROM = 720
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}  # by ITU-T H.273, as the next
_FORMATS = {  # by whether it is HDR, and has alpha
    (False, False): "rgb24",
    (False, True): "rgba",
    (True, False): "rgb48le",
    (True, True): "rgba64le",
}
_FULL = int(ColorRange.JPEG)
LIMITED = ColorRange.MPEG  # 16 to 235
_THREADS = 1  # of a conversion; the usual is one a core, made anew for each frame
# Colours are of all px of a line: libswscale has vectors for these, and none for every second one.
_TO_YUV = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INP


def to_rgb(
    frame: av.VideoFrame,
    codec: str,
    background: RGB | None,
    rotation: int = 0,
    size: tuple[int, int] | None = None,
) -> Pixels:
    """Return uint8 (H, W, 3), turned upright by ``rotation`` degrees counterclockwise.

    It is scaled to ``size`` before it is turned. A frame with alpha is laid on ``background``;
    without one InvalidMedia is raised. Of HDR the highlights are pressed together.
    """
    hdr = frame.color_trc in (PQ, HLG)
    clear = any(component.is_alpha for component in frame.format.components)
    if clear and background is None:
        raise alpha_refused()
    width, height = size or (frame.width, frame.height)
    made = frame.reformat(
        width,
        height,
        format=_FORMATS[hdr, clear],
        src_colorspace=_matrix(frame, codec),
        src_color_range=_range(frame),
        threads=_THREADS,
    ).to_ndarray()
    pixels = _sdr(frame, cast("Deep", made)) if hdr else cast("Pixels", made)
    if clear and background is not None:
        pixels = over(pixels, background)
    quarters = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels


def matrix_of(codec: str) -> Colorspace:
    """Return the matrix that is written: VP8 knows BT.601 alone (RFC 6386, 9.2), and no tag."""
    return Colorspace.ITU601 if codec == "vp8" else Colorspace.ITU709


def to_frame(
    pixels: Pixels, codec: str, background: RGB | None, by: VideoReformatter
) -> av.VideoFrame:
    """Return yuv420p of limited range, of uint8 (H, W, 3 | 4); odd sides grow by a px.

    Alpha is laid on ``background``; without one InvalidMedia is raised. What was made ready for a
    size is kept in ``by``, which is one thread's at a time.
    """
    if pixels.shape[2] == 4:
        if background is None:
            raise alpha_refused()
        pixels = over(pixels, background)
    height, width = pixels.shape[:2]
    if width % 2 or height % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    rgb = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), "rgb24")  # not copied
    made = by.reformat(
        rgb,
        format="yuv420p",
        dst_colorspace=matrix_of(codec),
        dst_color_range=LIMITED,
        interpolation=_TO_YUV,
        threads=_THREADS,
    )
    made.colorspace = int(matrix_of(codec))
    made.color_range = int(LIMITED)
    return made


def tag(context: VideoCodecContext, codec: str) -> None:
    """Let an encoder tell what ``to_frame`` makes."""
    tagged: Any = context
    tagged.colorspace, tagged.color_range = matrix_of(codec), LIMITED
    tagged.color_primaries, tagged.color_trc = 1, 1  # BT.709, by ITU-T H.273, as of sRGB


def over(pixels: Pixels, background: RGB) -> Pixels:
    """Return uint8 (…, 3): straight-alpha pixels (…, 4) laid on a colour."""
    alpha = pixels[..., 3:].astype(np.uint16)
    paper = np.array(background, np.uint16)
    mixed = pixels[..., :3] * alpha + paper * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def alpha_refused() -> InvalidMedia:
    """Return the error of transparency that nobody said where to."""
    return InvalidMedia("the video has transparency", fix="give a background colour to lay it on")


def _sdr(frame: av.VideoFrame, deep: Deep) -> Pixels:
    """Return uint8 pixels of uint16 ones; alpha stays as it is."""
    sdr = to_sdr(deep[..., :3], frame.color_trc, frame.color_primaries)
    return np.dstack([sdr, (deep[..., 3:] >> 8).astype(np.uint8)])


def _matrix(frame: av.VideoFrame, codec: str) -> Colorspace:
    hd = frame.height >= _HD_FROM and codec != "vp8"
    guess = Colorspace.ITU709 if hd else Colorspace.ITU601
    if frame.color_trc in (PQ, HLG):
        guess = Colorspace.BT2020
    return _MATRICES.get(frame.colorspace, guess)


def _range(frame: av.VideoFrame) -> ColorRange:
    full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
    return ColorRange.JPEG if full else LIMITED
