"""RTP that comes: frames and sound of one track, for the first input of their kind.

aiortc puts packets in order, asks for those that are lost and decodes. A frame waits here as it was
decoded and is converted when it is its turn, so that of a fast camera before a slow model nothing
costs more than its decoding, and the newest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.media.codecs import Resampler
from livedraft.media.codecs.pixels import to_rgb
from livedraft.media.codecs.reading import samples_of
from livedraft.media.images import Size, fitted

from ...clock import Clock
from ...models.base import AudioInput, VideoInput
from ...sessions.mailbox import Packet, Packets
from ...sessions.session import Session
from ..lines import Take
from ..picture_pool import PicturePool
from ..turns import Flow

if TYPE_CHECKING:
    from av import AudioFrame, VideoFrame
    from av.frame import Frame

_ROUND = 2**32  # after which RTP's times begin again
_MOST_US = SECOND  # that a frame may last: a camera that stood still has not sent one for longer
_USUAL_US = 33_333  # the first frame's
_AT_ONCE_PX = 2**18  # .1 ms: to a thread and back is longer


class Arrival:
    """RTP's times of one track on this machine's clock, in µs, which only grow.

    None is in the future: the first frame may have come late, and a sender's clock may be fast.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._base = self._seen = 0
        self._last: int | None = None

    def place(self, time: int, rate: int) -> tuple[int, int]:
        """Return when a frame begins, and for how long the one before it lasted."""
        now = round(self._clock() * SECOND)
        if self._last is None:
            self._base, self._last = now, time
            return self._base, _USUAL_US
        passed = (time - self._last) % _ROUND
        if passed >= _ROUND // 2:  # of a sender that began anew
            passed = 1
        self._seen += passed
        self._last = time
        lasted = max(1, passed * SECOND // rate)
        seen = self._seen * SECOND // rate
        self._base = min(self._base, now - seen)
        return self._base + seen, min(lasted, _MOST_US)


@dataclass(frozen=True, slots=True)
class _Frame(Packet):
    """A frame that is decoded already."""

    frame: VideoFrame
    within: Size | None


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears what comes: a session, for its inputs."""

    session: Session
    pictures: PicturePool
    take: Take


class Camera:
    """The frames of one RTP track."""

    def __init__(self, clock: Clock) -> None:
        self._arrival = Arrival(clock)
        self._number = 0

    def hear(self, frame: VideoFrame, to: Listener) -> None:
        """Hand a frame over; a model that takes no video gets none."""
        pts, duration = self._arrival.place(*_time_of(frame))
        spec = next((each for each in to.session.info.inputs if isinstance(each, VideoInput)), None)
        if spec is None:
            return
        self._number += 1
        line = _Converting(to.pictures, Flow(to.session.owner, to.session.id))
        id = to.session.last_id
        held = _Frame(self._number, id, b"", True, duration, frame, spec.within)
        to.take(spec.name, Packets(line, (held,), pts, duration))


class Microphone:
    """The sound of one RTP track."""

    def __init__(self, clock: Clock) -> None:
        self._arrival = Arrival(clock)
        self._resampler: Resampler | None = None
        self._kind = (0, 0)

    def hear(self, frame: AudioFrame, to: Listener) -> None:
        """Hand sound over; a model that takes none gets none."""
        pts, _ = self._arrival.place(*_time_of(frame))
        spec = next((each for each in to.session.info.inputs if isinstance(each, AudioInput)), None)
        if spec is None:
            return
        sound = AudioChunk(samples_of(frame), frame.sample_rate, pts)
        for chunk in self._fitting(spec, sound).push(sound):
            to.take(spec.name, chunk)

    def _fitting(self, spec: AudioInput, sound: AudioChunk) -> Resampler:
        kind = (spec.rate or sound.rate, spec.channels or sound.channels)
        if self._resampler is None or kind != self._kind:
            self._resampler, self._kind = Resampler(*kind), kind
        return self._resampler


class _Converting:
    """Makes pixels of a frame at its turn."""

    def __init__(self, pictures: PicturePool, flow: Flow) -> None:
        self._pictures = pictures
        self._flow = flow

    async def decode(self, piece: Packets) -> Sequence[VideoChunk]:
        """Return the newest frame's pixels, no larger than its input reads them."""
        held = piece.packets[-1]
        assert isinstance(held, _Frame), "nothing else is put into this line"
        frame = held.frame
        whole = (frame.width, frame.height)
        size, px = fitted(whole, held.within), frame.width * frame.height
        convert = partial(to_rgb, frame, "vp8", None, size=size)
        if size == whole and px <= _AT_ONCE_PX:
            pixels = convert()
        else:
            pixels = await self._pictures.work(convert, flow=self._flow, cost=px)
        return [VideoChunk(pixels[np.newaxis], piece.pts, piece.duration)]


def _time_of(frame: Frame) -> tuple[int, int]:
    """Return RTP's time of a frame, and its ticks a second."""
    base = frame.time_base
    assert base is not None, "aiortc's decoders set it"
    return frame.pts or 0, round(1 / base)
