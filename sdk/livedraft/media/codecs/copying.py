"""The sound of one file on its way into another: its packets as they are, or decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Self

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet

from livedraft.errors import InvalidMedia

from ..chunks import SECOND, AudioChunk
from .ffmpeg import OWN, Limits, Source, audio_stream, opened
from .frames import OnDamage
from .kinds import Kind
from .placing import Voice
from .reading import read_audio


class Beside:
    """The sound of another file, written beside frames as far as they are; within ``with``.

    It is copied as it is wherever the container takes it. What lies before ``start``, µs, is left
    out, and the rest moved there. What cannot be read is told to ``on_damage``, and ends it.
    """

    def __init__(
        self,
        file: OutputContainer,
        kind: Kind,
        source: Source,
        start: int = 0,
        on_damage: OnDamage | None = None,
    ) -> None:
        self._file = file
        self._kind = kind
        self._source = source
        self._start = start
        self._on_damage = on_damage
        self._stack = ExitStack()
        self._voice: Voice | None = None
        self._copy: AudioStream | None = None
        self._parts: Iterator[tuple[int, Packet[AudioStream] | AudioChunk]] = iter(())
        self._next: tuple[int, Packet[AudioStream] | AudioChunk] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            kept = stack.enter_context(sound_of(self._source, self._kind.kept, OWN))
            if kept is not None:
                if kept.kept:
                    self._copy = self._file.add_stream_from_template(kept.stream)
                else:
                    self._voice = Voice(self._file, self._kind, kept.rate, kept.channels)
                self._parts = kept.parts
                self._next = self._taken()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()  # which sees no error: none is of its file

    def follow(self, until_us: int | None) -> None:
        """Write sound up to a time, or all of it: players read both side by side."""
        while self._next is not None and (until_us is None or self._next[0] <= until_us):
            at, part = self._next
            if at >= self._start or not self._start:  # what primes a decoder is before 0
                self._write(part)
            self._next = self._taken()

    def end(self) -> None:
        """Write the rest of it."""
        self.follow(None)
        if self._voice is not None:
            self._voice.end()

    def _taken(self) -> tuple[int, Packet[AudioStream] | AudioChunk] | None:
        try:
            return next(self._parts, None)
        except (FFmpegError, InvalidMedia) as error:
            if self._on_damage is None:
                raise
            self._on_damage(InvalidMedia(f"the sound ends early: {error}", fix="send it whole"))
            return None

    def _write(self, part: Packet[AudioStream] | AudioChunk) -> None:
        if isinstance(part, AudioChunk):
            assert self._voice is not None, "it is not copied"
            self._voice.push(AudioChunk(part.samples, part.rate, part.pts - self._start))
            return
        assert self._copy is not None, "it is copied"
        earlier = round(self._start / (SECOND * part.time_base))
        assert part.pts is not None, "others are left out"
        assert part.dts is not None, "as above"
        part.pts, part.dts = part.pts - earlier, part.dts - earlier
        part.stream = self._copy
        self._file.mux(part)


class Sound(NamedTuple):
    """What a file sounds like: packets with their times in µs, or chunks where none is kept."""

    stream: AudioStream  # of the packets
    rate: int  # Hz
    channels: int
    parts: Iterator[tuple[int, Packet[AudioStream] | AudioChunk]]
    kept: bool  # whether they are packets


@contextmanager
def sound_of(source: Source, kept: frozenset[str], limits: Limits) -> Iterator[Sound | None]:
    """Give a file's sound, as packets if its codec is one of ``kept``; None if it has none."""
    with opened(source, limits) as file:
        stream = audio_stream(file)
        if stream is None:
            yield None
            return
        context = stream.codec_context
        copied = context.codec.canonical_name in kept
        channels = min(2, context.layout.nb_channels)
        yield Sound(
            stream,
            context.sample_rate,
            channels,
            _packets(file, stream)
            if copied
            else ((chunk.pts, chunk) for chunk in read_audio(source, limits=limits)),
            copied,
        )


def _packets(
    file: InputContainer, stream: AudioStream
) -> Iterator[tuple[int, Packet[AudioStream]]]:
    """Yield a stream's packets, at times that begin where the file does."""
    start = file.start_time or 0
    for packet in file.demux(stream):
        if packet.dts is None or packet.pts is None:
            continue  # the end, which is no packet
        earlier = round(start / (SECOND * packet.time_base))
        packet.pts -= earlier
        packet.dts -= earlier
        yield round(packet.pts * packet.time_base * SECOND), packet
