"""``media`` on a line: asked for, told of, judged, and taken as any input is."""

import pytest
from tests.memory import MemoryClient
from tests.runtime.transports.talks import SKETCH, serving

from livedraft.protocol.messages import Ack, Error, Frame, Media, Open, ParamsUpdate

pytestmark = pytest.mark.anyio


def picture(id: int, pts: int, **more: object) -> Media:
    fields = {"track": "sketch", "codec": "jpeg", "duration": 33_333, "data": SKETCH}
    return Media.model_validate({"id": id, "pts": pts} | fields | more)


async def test_who_asks_for_media_is_told_of_the_tracks() -> None:
    async with serving() as service, MemoryClient(service) as client:
        opened = await client.open(Open(features=["telepathy", "media"]))
        assert opened.features == ["media"]
        [track] = opened.tracks
        assert (track["name"], track["way"], track["kind"]) == ("sketch", "in", "image")
        assert track["codecs"] == ["jpeg", "webp", "png"]
        assert opened.media_window_ms > 0


async def test_who_does_not_ask_is_told_nothing_and_refused() -> None:
    async with serving() as service, MemoryClient(service) as client:
        opened = await client.open()
        assert (opened.features, opened.tracks, opened.media_window_ms) == ([], [], 0)
        await client.say(picture(1, 0))
        error = await client.hear(Error)
        assert (error.code, error.id) == ("bad_message", 1)
        assert "open.features" in error.fix


async def test_a_picture_on_a_track_shapes_the_next_frame() -> None:
    async with serving() as service, MemoryClient(service, text=True) as client:
        await client.open(Open(features=["media"], params={"seed": 3}))
        await client.say(picture(1, 0))
        frame = await client.hear(Frame)
        assert (frame.id, frame.seed, frame.width) == (1, 3, 256)
        await client.say(Ack(seq=frame.seq))
        await client.say(picture(2, 0))
        error = await client.hear(Error)
        assert (error.code, error.id) == ("invalid_media", 2)
        await client.say(picture(3, 1, data=b"no picture"))
        assert (await client.hear(Error)).code == "invalid_image"
        await client.say(ParamsUpdate(id=4, params={"seed": 5}))
        await client.hear(Ack)
        assert (await client.hear(Frame)).seed == 5
