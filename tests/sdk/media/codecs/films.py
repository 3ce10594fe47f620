"""Small films and sounds of known content, made with PyAV alone: what our readers are held to."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import numpy as np

RATE = 48_000
TICKS = 90_000  # a second


def tone(seconds: float, rate: int = RATE, hz: float = 440.0, channels: int = 1) -> Any:
    """Return int16 (n, channels) of a sine, each channel half as loud as the one before."""
    wave = np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave * 16_000 / 2**each for each in range(channels)], 1).astype(np.int16)


def plain(colour: tuple[int, ...], size: tuple[int, int] = (64, 48)) -> Any:
    """Return one frame of a colour, RGB or RGBA."""
    return np.full((size[1], size[0], len(colour)), colour, np.uint8)


def film(
    frames: Sequence[Any],
    kind: str = "mp4",
    codec: str = "libx264",
    *,
    times: Sequence[float] | None = None,  # s
    fps: int = 25,
    form: str = "yuv420p",
    sound: Any = None,
    sound_codec: str = "aac",
    rotation: int = 0,
    space: tuple[int, int] | None = None,  # matrix and range, as FFmpeg numbers them
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
) -> bytes:
    """Return a file's bytes."""
    with NamedTemporaryFile(suffix=f".{kind}") as out:
        with av.open(out.name, "w", format=kind, container_options=muxer or {}) as file:
            picture = file.add_stream(codec, rate=fps, options=options or {})
            assert isinstance(picture, av.VideoStream)
            picture.width, picture.height = frames[0].shape[1], frames[0].shape[0]
            picture.pix_fmt = form
            picture.codec_context.time_base = Fraction(1, TICKS)
            if space is not None:
                picture.codec_context.colorspace, picture.codec_context.color_range = space
            if rotation:
                picture.set_display_rotation(rotation)
            heard = None
            if sound is not None:
                layout = ["mono", "stereo"][sound.shape[1] - 1]
                heard = file.add_stream(sound_codec, rate=RATE, layout=layout)
            for number, pixels in enumerate(frames):
                shape = "rgba" if pixels.shape[2] == 4 else "rgb24"
                frame = av.VideoFrame.from_ndarray(pixels, shape)
                if space is not None:
                    frame = frame.reformat(
                        format=form, dst_colorspace=space[0], dst_color_range=space[1]
                    )
                at = times[number] if times is not None else number / fps
                frame.pts, frame.time_base = round(at * TICKS), Fraction(1, TICKS)
                file.mux(picture.encode(frame))
            file.mux(picture.encode())
            if heard is not None and sound is not None:
                assert isinstance(heard, av.AudioStream)
                for at in range(0, len(sound), 1024):
                    part = np.ascontiguousarray(sound[at : at + 1024]).reshape(1, -1)
                    pcm = av.AudioFrame.from_ndarray(part, "s16", heard.layout.name)
                    pcm.sample_rate, pcm.pts, pcm.time_base = RATE, at, Fraction(1, RATE)
                    file.mux(heard.encode(pcm))
                file.mux(heard.encode())
        return Path(out.name).read_bytes()


def sounds(samples: Any, kind: str = "wav", codec: str = "pcm_s16le", rate: int = RATE) -> bytes:
    """Return a file of sound alone."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        layout = ["mono", "stereo"][samples.shape[1] - 1]
        heard = file.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(heard, av.AudioStream)
        pcm = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", layout)
        pcm.sample_rate, pcm.pts, pcm.time_base = rate, 0, Fraction(1, rate)
        if len(samples):
            file.mux(heard.encode(pcm))
        file.mux(heard.encode())
    return out.getvalue()
