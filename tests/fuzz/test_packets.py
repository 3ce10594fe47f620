"""A live line of VP8 or H.264 survives whatever comes on it, and a key frame mends it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.doubles import FakeClock
from tests.runtime.transports.filming import Camera, Screen, loopback, shows

from livedraft.protocol.messages import Ack, Error, Key, Media, Message

HARMS = ("none", "none", "cut", "flip", "junk", "empty", "lost", "lies", "again", "larger")


@dataclass(frozen=True)
class Step:
    """A frame, and what becomes of it on its way."""

    harm: str
    at: float  # where in its data
    value: int

    def harmed(self, media: Media) -> Media | None:
        """Return what is sent of a frame."""
        data = bytearray(media.data)
        at = int(self.at * (len(data) - 1))
        if self.harm == "lost":
            return None
        if self.harm == "cut":
            del data[at:]
        elif self.harm == "flip":
            data[at] ^= self.value or 1
        elif self.harm == "junk":
            data[at:] = bytes((self.value + n * n) % 256 for n in range(len(data) - at))
        elif self.harm == "empty":
            data.clear()
        key = media.key != (self.harm == "lies")
        return media.model_copy(update={"data": bytes(data), "key": key})


steps = st.lists(
    st.builds(Step, st.sampled_from(HARMS), st.floats(0, 1), st.integers(0, 255)),
    min_size=1,
    max_size=20,
)


async def suffer(codec: str, story: list[Step]) -> list[Message]:
    """Play it, then send a key frame, which has to come back; return what the server said."""
    async with loopback(codec) as (client, _):
        camera = Camera(codec)
        await client.say(camera.frame())
        for step in story:
            if step.harm == "larger":
                camera.resize((64 + 16 * (step.value % 8), 48))
            media = camera.frame()
            sent = step.harmed(media)
            if sent is not None:
                await client.say(sent)
            if step.harm == "again":
                await client.say(media.model_copy(update={"id": media.id + 1, "key": True}))
                camera.number += 1
        camera.resize((64, 48))
        await client.say(camera.frame(key=True))
        heard: list[Message] = []
        screen = Screen(client, codec)
        while True:
            message = await client.hear(Message)
            heard.append(message)
            if not isinstance(message, Media):
                assert isinstance(message, Key | Error)
                continue
            chunk = screen.decode(message)  # of an unbroken row, whatever came up
            await client.say(Ack(seq=message.seq))
            if message.id == camera.number:
                assert shows(chunk, camera.number)
                return heard


@pytest.mark.parametrize("codec", ["vp8", "h264"])
@settings(max_examples=25, deadline=None)
@given(story=steps)
def test_a_key_frame_mends_whatever_happened(codec: str, story: list[Step]) -> None:
    for message in asyncio.run(suffer(codec, story)):
        assert not isinstance(message, Error) or message.code == "invalid_media"


def test_what_is_damaged_again_and_again_is_told() -> None:
    async def play() -> None:
        clock = FakeClock()
        async with loopback("vp8", clock=clock) as (client, _):
            camera = Camera("vp8")
            asked = 0
            while True:
                clock.advance(1)
                media = camera.frame(key=True)
                await client.say(media.model_copy(update={"data": bytes(len(media.data))}))
                message = await client.hear(Message)
                if isinstance(message, Error):
                    break
                assert message == Key(track="camera")
                asked += 1
            assert message.code == "invalid_media"
            assert message.fix == "send whole frames of vp8, a key frame first"
            assert asked > 1
            await client.say(camera.frame(key=True))
            while not isinstance(message := await client.hear(Message), Media):
                pass  # of the broken ones that were on their way
            assert message.id == camera.number

    asyncio.run(play())
