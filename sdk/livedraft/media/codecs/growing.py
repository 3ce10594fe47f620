"""Films that grow for long: what was written plays, and is gone on from, whatever ended the work.

Each run writes a part beside the film, in fragments: ``clip.part1.mp4``, ``clip.part2.mp4``, …
Once all frames are there, they are joined, as they are, into the film.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Self

from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from livedraft.errors import ConfigError, InvalidMedia
from livedraft.files import check_writable, replacing

from ..chunks import SECOND, VideoChunk
from ..recipes import from_text
from .copying import Beside
from .ffmpeg import OWN, Source, opened, refusals, video_stream
from .frames import OnDamage
from .kinds import kind_of
from .placing import TICKS, VideoTrack
from .writing import mark, opened_for

_MOST_PARTS = 1000
_FRAGMENTS = {  # by muxer: what is on the disk plays, up to the last whole fragment
    "mp4": {"movflags": "frag_keyframe+delay_moov+default_base_moof", "flush_packets": "1"},
    "webm": {"cluster_time_limit": "2000", "flush_packets": "1"},
}


class Part(NamedTuple):
    """A part that a run before has left: where its first frame belongs, and where its last."""

    path: Path
    first: int  # µs
    last: int  # µs


class Growing:
    """Writes frames into a part of a film, within ``with``; ``finish`` joins all parts.

    ``sound_of`` is the file whose sound goes along, ``recipe`` what the film will tell of itself,
    and ``origin`` what else makes it another film: parts of another recipe or origin, and those
    that go on from one that is gone, are refused, as ConfigError, or deleted if it begins ``anew``.
    Sound that cannot be read is told to
    ``on_damage``, and left out from there on; else InvalidMedia is raised.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        frame_rate: float,
        sound_of: Source,
        recipe: Mapping[str, Any],
        origin: Mapping[str, Any],
        anew: bool = False,
        on_damage: OnDamage | None = None,
    ) -> None:
        self._kind = kind_of(path)
        self._path = Path(path)
        self._rate = Fraction(frame_rate).limit_denominator(1001)
        self._sound_of = sound_of
        self._recipe = dict(recipe)
        self._origin = dict(origin)
        self._on_damage = on_damage
        self._stack = ExitStack()
        self._pictures: VideoTrack | None = None
        self._kept: Beside | None = None
        check_writable(self._path)
        if anew:
            for part in _paths(self._path):
                part.unlink(missing_ok=True)
        before = list(self._found())
        self._mine = [part.path for part in before]
        self.until = before[-1].last if before else -1  # µs, of the newest frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._close()

    @property
    def parts(self) -> list[Path]:
        """The files in which it is by now, in order."""
        return [path for path in _paths(self._path) if path.is_file()]

    def write(self, chunk: VideoChunk) -> None:
        """Add frames, in the order of their times, after ``until``; raise InvalidMedia."""
        with refusals():
            if self._pictures is None:
                self._begin(chunk)
            assert self._pictures is not None, "it has begun"
            assert self._kept is not None, "as above"
            for frame, pts in chunk:
                self._kept.follow(pts)
                self._pictures.push(frame, pts - self._first, chunk.duration // len(chunk))
                self.until = pts

    def finish(self) -> None:
        """Join what there is into the film, with its sound and its mark, and delete the parts."""
        self._close()
        for path in self._mine:
            if not path.exists():
                raise ConfigError(
                    f"{path} is gone, which was made before",
                    fix=f"see whether another run has made {self._path}; else run it again",
                )
        found = list(self._found())
        if not found:
            raise InvalidMedia("a film without a frame", fix="write at least one")
        with replacing(self._path) as partial, refusals():
            file = opened_for(partial, self._kind, self._recipe)
            with closing(file):
                _join(found, file, Beside(file, self._kind, self._sound_of, 0, self._on_damage))
            mark(partial, self._kind, self._recipe)
        for part in found:
            part.path.unlink(missing_ok=True)

    def _begin(self, chunk: VideoChunk) -> None:
        self._first = first = chunk.pts
        part = _next(self._path)
        self._mine.append(part)
        told = self._recipe | {"part": {**self._origin, "first": first, "after": self.until}}
        with ExitStack() as stack:
            file = opened_for(part, self._kind, told, _FRAGMENTS[self._kind.muxer])
            stack.callback(file.close)
            self._pictures = VideoTrack(file, self._kind, chunk.size, self._rate, None)
            self._kept = stack.enter_context(Beside(file, self._kind, self._sound_of, start=first))
            self._stack = stack.pop_all()

    def _close(self) -> None:
        """Write what the encoder holds."""
        pictures, self._pictures = self._pictures, None
        with refusals(), self._stack:  # a file that is closed is written to
            if pictures is not None:
                pictures.end()

    def _found(self) -> Iterator[Part]:
        """Yield the parts that are of this film; those without a frame are deleted."""
        last = -1
        for path in _paths(self._path):
            if not path.exists():
                continue
            recipe, ticks = _read(path)
            if ticks is None:
                path.unlink()
                continue
            told = (recipe or {}).get("part", {})
            first, after = told.get("first"), told.get("after")
            mine = self._recipe | {"part": {**self._origin, "first": first, "after": after}}
            if recipe != mine or not isinstance(first, int) or not isinstance(after, int):
                raise _refused(f"{path} is of another clip, or was made otherwise")
            if after > last:
                raise _refused(f"{path} goes on from a part that is gone")
            if first > last:
                last = first + -(-(2 * ticks + 1) * SECOND // (2 * TICKS))  # that is rounded so
                yield Part(path, first, last)


def _refused(why: str) -> ConfigError:
    return ConfigError(why, fix="begin anew with --anew (anew=True), or choose another name")


def _paths(film: Path) -> list[Path]:
    """Return the names that parts may have, as far as one is there."""
    names = [film.with_suffix(f".part{n}{film.suffix}") for n in range(1, _MOST_PARTS + 1)]
    there = [at for at, name in enumerate(names) if name.exists()]
    return names[: there[-1] + 1] if there else []


def _next(film: Path) -> Path:
    count = len(_paths(film))
    if count == _MOST_PARTS:
        raise ConfigError(f"{film} was begun {count} times", fix="choose another name")
    return film.with_suffix(f".part{count + 1}{film.suffix}")


def _read(path: Path) -> tuple[dict[str, Any] | None, int | None]:
    """Return what a part tells, and the time of its newest frame, ticks; None if it has none."""
    last: int | None = None
    tags: dict[str, str] = {}
    with suppress(InvalidMedia), opened(path, OWN) as file:
        tags = {key.upper(): value for key, value in file.metadata.items()}
        for packet in _packets(path):
            assert packet.pts is not None, "others are left out"
            assert packet.time_base is not None, "as above"
            last = round(packet.pts * packet.time_base * TICKS)
    return from_text(tags.get("COMMENT", "")), last


def _packets(path: Path) -> Iterator[Packet[VideoStream]]:
    """Yield a part's frames, as they are encoded, as far as they are whole."""
    with opened(path, OWN) as file:
        stream = video_stream(file, OWN)
        assert stream is not None, "a part has frames"
        with suppress(FFmpegError):  # it was cut off there
            for packet in file.demux(stream):
                if packet.is_corrupt:  # half of it is there
                    break
                if packet.pts is not None:
                    yield packet


def _join(parts: Sequence[Part], file: OutputContainer, sound: Beside) -> None:
    """Write the frames of parts, and the sound beside them."""
    with opened(parts[0].path, OWN) as one:
        first = video_stream(one, OWN)
        assert first is not None, "a part has frames"
        stream = file.add_stream_from_template(first)
    with sound:
        last = -1
        for part in parts:
            moved = round(part.first * TICKS / SECOND)
            for packet in _packets(part.path):
                assert packet.pts is not None, "others are left out"
                at = round(packet.pts * packet.time_base * TICKS) + moved
                if at <= last:
                    continue
                sound.follow(at * SECOND // TICKS)
                length = round((packet.duration or 0) * packet.time_base * TICKS)
                packet.time_base = Fraction(1, TICKS)
                packet.pts, packet.dts, packet.duration = at, at, length
                packet.stream = stream
                file.mux(packet)
                last = at
        sound.end()
