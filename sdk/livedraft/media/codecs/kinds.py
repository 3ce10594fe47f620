"""Kinds of files that are written, by the endings of their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import PurePath

from livedraft.errors import InvalidMedia


@dataclass(frozen=True, slots=True)
class Kind:
    """A container, with codecs that every browser plays in it."""

    muxer: str
    video: str  # encoder
    video_options: Mapping[str, str]
    sound: str  # encoder
    rates: tuple[int, ...]  # Hz that its sound may have
    kept: frozenset[str]  # codecs of sound that are copied into it untouched
    options: Mapping[str, str]  # of the container

    def rate(self, wanted: int) -> int:
        """Return the rate for sound of another: the same, or the next above, else the highest."""
        return min((rate for rate in self.rates if rate >= wanted), default=self.rates[-1])


_MP4 = Kind(
    muxer="mp4",
    video="libx264",
    # Without B-frames: MP4 tells how long frames last in the order of decoding.
    video_options={"preset": "veryfast", "crf": "20", "bf": "0"},
    sound="aac",
    rates=(8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000),
    kept=frozenset({"aac", "mp3", "opus"}),
    options={"movflags": "faststart"},  # players begin before they have all of it
)
_WEBM = Kind(
    muxer="webm",
    video="libvpx-vp9",
    video_options={"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "crf": "30", "b": "0"},
    sound="libopus",
    rates=(8_000, 12_000, 16_000, 24_000, 48_000),
    kept=frozenset({"opus", "vorbis"}),
    options={"cues_to_front": "1"},
)
KINDS = {".mp4": _MP4, ".m4v": _MP4, ".webm": _WEBM}


def kind_of(path: str | PathLike[str]) -> Kind:
    """Return what a file's name tells; raise InvalidMedia if it is none of ours."""
    ending = PurePath(path).suffix.lower()
    if ending not in KINDS:
        raise InvalidMedia(
            f"cannot write '{str(path)[:200]}'", fix="end its name in " + ", ".join(KINDS)
        )
    return KINDS[ending]
