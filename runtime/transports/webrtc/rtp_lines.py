"""The tracks of one peer connection: at most one of a kind each way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from livedraft.media.chunks import Output

from ...clock import Clock
from ...sessions.session import Session
from ..encoding import Encoding
from ..lines import Now, Take
from ..picture_pool import PicturePool
from ..turns import Flow
from .incoming import Camera, Listener, Microphone
from .outgoing import Outgoing
from .pace import Pace
from .packing import KINDS, Packing, Parcel


class RtpLines:
    """What a data channel has beside it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._out: dict[str, Outgoing] = {}
        self._heard: set[str] = set()
        self._receiving: dict[str, asyncio.Task[None]] = {}
        self._listener: Listener | None = None

    def hears(self, kind: str) -> bool:
        """Return whether a track of a kind that is offered is listened to: the first is."""
        fresh = kind not in self._heard
        self._heard.add(kind)
        return fresh

    def track(self, kind: str) -> Outgoing | None:
        """Return the outgoing track of a kind, for the first that asks."""
        if kind in self._out:
            return None
        made = self._out[kind] = Outgoing(kind)
        return made

    def arrive(self, track: MediaStreamTrack) -> None:
        """Read an incoming track from now on, also while nobody hears it: else it piles up."""
        if track.kind not in self._receiving:
            self._receiving[track.kind] = asyncio.create_task(self._receive(track))

    def gives(self, kind: str) -> bool:
        """Return whether outputs of a kind, "video" or "audio", have a track."""
        return kind in self._out

    def out(
        self, kinds: Iterable[type[Output]], pictures: PicturePool, flow: Flow, now: Now
    ) -> Mapping[type[Output], Encoding]:
        """Return what puts outputs of these kinds on their tracks."""
        wanted = [kind for kind in kinds if KINDS.get(kind) in self._out]
        pace = Pace(now)
        made: dict[type[Output], Encoding] = {}
        for kind in wanted:
            track = self._out[KINDS[kind]]
            made[kind] = packing = Packing(track.codec, track, pictures, flow, pace)
            track.lost, track.rated = packing.key, packing.rate
            track.follow(pace)
        return made

    def ask(self, kind: str, key: Callable[[], None]) -> None:
        """Name who makes a key frame when one of a kind is lost."""
        if kind in self._out:
            self._out[kind].lost = key

    def put(self, kind: str, parcel: Parcel) -> None:
        """Send a parcel, where there is a track for it."""
        if kind in self._out:
            self._out[kind].put(parcel)

    async def listen(self, session: Session, pictures: PicturePool, take: Take) -> None:
        """Hand over what comes, until cancelled."""
        self._listener = Listener(session, pictures, take)
        try:
            await asyncio.Event().wait()
        finally:
            self._listener = None

    async def close(self) -> None:
        """End all tracks."""
        for track in self._out.values():
            track.stop()
        for task in self._receiving.values():
            task.cancel()
        await asyncio.gather(*self._receiving.values(), return_exceptions=True)

    async def _receive(self, track: MediaStreamTrack) -> None:
        camera, microphone = Camera(self._clock), Microphone(self._clock)
        with suppress(MediaStreamError):  # a camera that is switched off: the session goes on
            while True:
                frame = await track.recv()
                if self._listener is None:
                    continue
                if isinstance(frame, VideoFrame):
                    camera.hear(frame, self._listener)
                elif isinstance(frame, AudioFrame):
                    microphone.hear(frame, self._listener)
