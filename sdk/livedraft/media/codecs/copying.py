"""The sound of one file on its way into another: its packets as they are, or decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from ..chunks import SECOND, AudioChunk
from .ffmpeg import Limits, Source, audio_stream, opened
from .reading import read_audio


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
