"""Media that are refused, by the client, by the server and coming down: the session lives on."""

import sys
from typing import Any

import numpy as np
import pytest
from tests.fake_server import FakeServer
from tests.sdk.client.drawn import QUICK, picture
from tests.sdk.client.tracks import (
    RATE,
    taken,
    track,
)
from tests.sdk.media.codecs.films import plain, tone

from livedraft.client import AsyncClient, AsyncSession
from livedraft.errors import (
    InvalidImage,
    InvalidMedia,
    InvalidParams,
    LivedraftError,
    MissingExtraError,
)
from livedraft.media.chunks import SECOND, AudioChunk, VideoChunk
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio


async def test_what_the_server_refuses_is_raised_and_the_session_lives(
    session: AsyncSession, server: FakeServer
) -> None:
    session._sending._up.opened([track("none", "audio", rate=RATE, channels=1)])
    await session.send({"none": tone(0.1, RATE)})
    with pytest.raises(InvalidMedia, match="no track 'none'"):
        await taken(session, 1)
    session._sending._up.opened(server.tracks)
    await session.send(tone(0.1, RATE))
    assert len(await taken(session, 1)) == 1


async def test_a_damaged_piece_is_raised_and_the_next_comes(
    session: AsyncSession, server: FakeServer
) -> None:
    for data in (b"\xff\xd8\xff", bytes(8)):
        message = wire.Media(track="camera", id=1, pts=1, duration=1, codec="jpeg", data=data)
        session._receive(message)
    session._receive(message.model_copy(update={"codec": "av1"}))
    for _ in range(3):
        with pytest.raises(InvalidMedia) as refusal:
            await taken(session, 1)
        assert refusal.value.fix
    await session.send(tone(0.1, RATE))
    assert len(await taken(session, 1)) == 1


@pytest.mark.parametrize(
    ("values", "params", "error"),
    [
        ({"microphone": VideoChunk(plain((0, 0, 0))[None], 0, 1)}, {}, InvalidMedia),
        ({"speaker": np.zeros(9, np.int16)}, {}, InvalidMedia),
        ({"camera": "none.png"}, {}, InvalidImage),
        ({"line": np.zeros(9, np.int16)}, {}, InvalidMedia),
        ({"speaker": picture()}, {}, InvalidImage),
        (np.zeros(9, np.int16), {"seed": 1}, InvalidParams),
        (np.zeros((9, 9), np.int16), {}, InvalidMedia),
        (np.zeros((9, 9, 3), np.float32), {}, InvalidImage),
    ],
)
async def test_what_no_track_takes_is_refused_at_once(
    session: AsyncSession, values: Any, params: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as refusal:
        await session.send(values, **params)
    assert isinstance(refusal.value, LivedraftError)
    assert refusal.value.fix


async def test_a_server_without_media_says_what_to_send_instead() -> None:
    async with FakeServer() as server, AsyncClient(server.url, retry=QUICK) as client:
        async with client.session() as session:
            with pytest.raises(InvalidMedia, match="takes no audio"):
                await session.send(np.zeros(9, np.int16))


async def test_without_numpy_outputs_say_what_to_install(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.send(tone(0.1, RATE))
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match="'media'"):
        await taken(session, 1)


async def test_odd_pcm_is_refused(session: AsyncSession) -> None:
    piece = wire.Media(track="line", id=1, pts=1, duration=1, codec="pcm-s16", data=b"123")
    for channels in (0, 2):
        session._receive(piece.model_copy(update={"rate": RATE, "channels": channels}))
        with pytest.raises(InvalidMedia, match="whole samples"):
            await taken(session, 1)


async def test_a_frame_too_large_for_a_message_is_refused(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session._sending, "room", 1_100)
    with pytest.raises(InvalidMedia, match="a frame of"):
        await session.send({"line": AudioChunk(tone(0.5, 48_000), 48_000, 0)})


async def test_what_nobody_takes_is_bounded(session: AsyncSession) -> None:
    piece = wire.Media(track="line", id=1, pts=1, duration=SECOND, codec="pcm-s16", data=b"")
    sound = piece.model_copy(update={"rate": RATE, "channels": 1})
    for number in range(100):
        session._receive(sound.model_copy(update={"pts": number * SECOND}))
    heard = await taken(session, 60)
    assert next(each.pts for each in heard if isinstance(each, AudioChunk)) == 40 * SECOND
