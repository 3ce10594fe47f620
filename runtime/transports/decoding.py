"""Packets of codecs that come on a connection's tracks, to frames and sound: in order, in turns.

A decoder sees every packet of its track, or asks for a key frame. It lives with its connection: the
next one begins with a key frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from livedraft.errors import InvalidMedia, LivedraftError
from livedraft.media.chunks import AudioChunk, TextChunk, VideoChunk
from livedraft.media.key_frames import frame_size
from livedraft.protocol.messages import Media
from livedraft.protocol.tracks import MOVING, OPUS, PCM, TEXT, family

from ..clock import Clock
from ..models.base import InputSpec, Pixels, VideoInput
from ..sessions.mailbox import Encoded, Packet, Packets, Piece
from .patience import Bucket
from .picture_pool import PicturePool
from .turns import Flow

if TYPE_CHECKING:
    from livedraft.media import codecs

LIVE_PIXELS = 1920 * 1088  # of a frame: a decoder may keep 16 of them
ASK_EVERY_S = 0.5  # for a key frame, on a track that still has none
_FAULTS, _FORGIVEN = 4, 0.2  # asked for in vain until it is told, and forgotten a second
_SOUND_COST = 10_000  # of a packet of sound; a frame costs its px


@dataclass(frozen=True, slots=True)
class Asking:
    """How a decoder reaches its client."""

    key: Callable[[str], None]  # for a key frame on a track
    failed: Callable[[int, LivedraftError], None]  # of a message
    clock: Clock


class Decoding:
    """The decoders of one connection's tracks."""

    def __init__(self, pictures: PicturePool, asking: Asking) -> None:
        self._pictures = pictures
        self._asking = asking
        self._frames: dict[str, _Frames] = {}
        self._sounds: dict[str, _Sounds] = {}

    def piece(self, media: Media, spec: InputSpec, flow: Flow) -> Piece:
        """Return what a message brings on a track; raise InvalidMedia."""
        codec = family(media.codec)
        if codec == PCM:
            samples = np.frombuffer(media.data, "<i2").reshape(-1, media.channels)
            return AudioChunk(samples.astype(np.int16, copy=False), media.rate, media.pts)
        if codec == TEXT:
            return TextChunk(media.data.decode(), media.pts)
        if codec == OPUS:
            return self._sound(media, flow).piece(media)
        if codec in MOVING and isinstance(spec, VideoInput):
            self._check_size(media, codec)
            return self._line(media.track, codec, spec, flow).piece(media)
        self._pictures.probe(media.data)
        return Encoded(media.data, media.pts, media.duration)

    def _check_size(self, media: Media, codec: str) -> None:
        most = min(LIVE_PIXELS, self._pictures.max_pixels)
        size: tuple[int, int] | None = None
        with suppress(InvalidMedia):  # what is damaged is for the decoder, and mended
            size = frame_size(codec, media.data)
        if size is not None and size[0] * size[1] > most:
            raise InvalidMedia(
                f"{media.track}: frames of {size[0]} × {size[1]} px",
                fix=f"send at most {most} px a frame",
            )

    def _line(self, track: str, codec: str, spec: VideoInput, flow: Flow) -> _Frames:
        found = self._frames.get(track)
        if found is None or (found.codec, found.spec, found.flow) != (codec, spec, flow):
            found = self._frames[track] = _Frames(codec, spec, flow, self._pictures, self._asking)
        return found

    def _sound(self, media: Media, flow: Flow) -> _Sounds:
        found, kind = self._sounds.get(media.track), (media.rate, media.channels)
        if found is None or (found.kind, found.flow) != (kind, flow):
            found = _Sounds(*kind, flow, self._pictures, self._asking)
            self._sounds[media.track] = found
        return found


class _Frames:
    """The frames of a track in a codec that needs those before them."""

    def __init__(
        self, codec: str, spec: VideoInput, flow: Flow, pictures: PicturePool, asking: Asking
    ) -> None:
        self.codec = codec
        self.spec = spec
        self.flow = flow
        self._pictures = pictures
        self._asking = asking
        self._number = 0  # of packets that came
        self._asked_at = float("-inf")
        self._faults = Bucket(_FAULTS, _FORGIVEN, asking.clock)
        # Of the threads. A caller that is cancelled leaves its work running, so they take turns.
        self._lock = threading.Lock()
        self._next = 0  # number of the packet to be decoded next
        self._decoder: codecs.VideoDecoder | None = None
        self._px = spec.width * spec.height or 640 * 360  # of a frame, as far as is known

    def piece(self, media: Media) -> Packets:
        """Return what a message brings."""
        packet = Packet(self._number, media.id, media.data, media.key, media.duration)
        self._number += 1
        return Packets(self, (packet,), media.pts, media.duration)

    async def decode(self, piece: Packets) -> list[VideoChunk]:
        """Return the last frame; none where a key frame is needed first, which is asked for."""
        try:
            pixels, whole = await self._pictures.work(
                partial(self._decode, piece.packets),
                flow=self.flow,
                cost=len(piece.packets) * self._px,
            )
        except InvalidMedia:
            if self._ask() and self._faults.overflows():
                error = InvalidMedia(
                    f"{self.spec.name}: frames that cannot be decoded, again and again",
                    fix=f"send whole frames of {self.codec}, a key frame first",
                )
                self._asking.failed(piece.packets[-1].id, error)
            return []
        if not whole:
            self._ask()
        return [] if pixels is None else [VideoChunk(pixels[None], piece.pts, piece.duration)]

    def _ask(self) -> bool:
        """Ask for a key frame; tell whether it was not just asked for."""
        now = self._asking.clock()
        if now - self._asked_at < ASK_EVERY_S:
            return False
        self._asked_at = now
        self._asking.key(self.spec.name)
        return True

    def _decode(self, packets: Sequence[Packet]) -> tuple[Pixels | None, bool]:
        """Decode what can be, in a thread; convert the last frame. Tell whether all is whole."""
        with self._lock:
            decoder = self._decoder = self._decoder or self._open()
            pixels: Pixels | None = None
            for packet in packets:
                if packet.number != self._next:
                    decoder.lost()
                self._next = packet.number + 1
                if not (packet.key or decoder.whole):
                    continue
                encoded = _coded(packet)
                shown = packet is packets[-1]
                for chunk in decoder.decode(encoded, shown=shown, within=self.spec.within):
                    pixels = chunk.frames[0]
                    self._px = max(self._px, chunk.size[0] * chunk.size[1])
            return pixels, decoder.whole

    def _open(self) -> codecs.VideoDecoder:
        from livedraft.media.codecs import Limits, VideoDecoder

        most = min(LIVE_PIXELS, self._pictures.max_pixels)
        return VideoDecoder(self.codec, limits=Limits(pixels=most))


class _Sounds:
    """The sound of a track in Opus: what is lost or damaged is a gap, and nothing is asked for."""

    def __init__(
        self, rate: int, channels: int, flow: Flow, pictures: PicturePool, asking: Asking
    ) -> None:
        self.kind = (rate, channels)
        self.flow = flow
        self._pictures = pictures
        self._asking = asking
        self._faults = Bucket(_FAULTS, _FORGIVEN, asking.clock)
        self._number = 0
        self._lock = threading.Lock()
        self._decoder: codecs.OpusDecoder | None = None
        self._resampler: codecs.Resampler | None = None

    def piece(self, media: Media) -> Packets:
        """Return what a message brings."""
        packet = Packet(self._number, media.id, media.data, True, media.duration)
        self._number += 1
        return Packets(self, (packet,), media.pts, media.duration)

    async def decode(self, piece: Packets) -> list[AudioChunk]:
        """Return the sound; none where it is damaged."""
        try:
            return await self._pictures.work(
                partial(self._decode, piece), flow=self.flow, cost=_SOUND_COST
            )
        except InvalidMedia:
            if self._faults.overflows():
                self._faults = Bucket(_FAULTS, _FORGIVEN, self._asking.clock)
                error = InvalidMedia("sound that cannot be decoded", fix="send whole packets")
                self._asking.failed(piece.packets[-1].id, error)
            return []

    def _decode(self, piece: Packets) -> list[AudioChunk]:
        from livedraft.media.codecs import OpusDecoder, Resampler

        rate, channels = self.kind
        with self._lock:
            if self._decoder is None or self._resampler is None:
                self._decoder, self._resampler = OpusDecoder(channels), Resampler(rate, channels)
            made: list[AudioChunk] = []
            for chunk in self._decoder.decode(_coded(piece.packets[-1], piece.pts)):
                made += self._resampler.push(chunk)
            return made


def _coded(packet: Packet, pts: int = 0) -> codecs.Encoded:
    from livedraft.media.codecs import Encoded as Coded

    return Coded(packet.data, pts, packet.duration, packet.key)
