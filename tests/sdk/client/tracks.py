"""Tracks into a fake server, and what came on them and back."""

from typing import Any, cast

from tests.fake_server import FakeServer

from livedraft.client import AsyncSession
from livedraft.media.chunks import Output
from livedraft.protocol import messages as wire

RATE = 16_000


def track(name: str, kind: Any, policy: Any = "append", **how: Any) -> wire.Track:
    codecs = ["pcm-s16"] if kind == "audio" else ["jpeg", "webp", "png"]
    made: Any = {
        "name": name,
        "way": "in",
        "kind": kind,
        "policy": policy,
        "max_s": 2.0,
        "codecs": codecs,
        "width": 0,
        "height": 0,
        "rate": 0.0,
        "channels": 0,
        "required": True,
    }
    made |= how
    return cast(wire.Track, made)


CAMERA = track("camera", "video", "latest", width=64, height=64, rate=25.0)
MICROPHONE = track("microphone", "audio", rate=float(RATE), channels=1)
ANY_SOUND = track("line", "audio")
SKETCH = track("sketch", "image", "latest", required=False)


async def taken(session: AsyncSession, count: int) -> list[Output]:
    """Return so many outputs."""
    made: list[Output] = []
    async for output in session.outputs():
        made.append(output)
        if len(made) == count:
            return made
    return made


def pieces(server: FakeServer) -> list[wire.Media]:
    return [message for message in server.received if isinstance(message, wire.Media)]
