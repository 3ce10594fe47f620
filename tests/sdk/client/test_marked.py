"""What a server sends as final is marked as made by a model; a draft, which is passing, is not."""

from typing import Any

import httpx
import pytest
from tests.sdk.client.test_real_server import GREY, serving
from tests.sdk.media.test_marks import packet, source_type

from livedraft.client import frame
from livedraft.media.marks import SOURCE_TYPE
from livedraft.protocol import messages as wire

pytestmark = pytest.mark.anyio


async def test_a_picture_by_http_is_marked() -> None:
    async with serving() as client, httpx.AsyncClient(base_url=client.url) as http:
        answer = await http.post("/v1/generate", json={"prompt": "a fox"})
    assert source_type(packet(answer.content)) == SOURCE_TYPE


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/webp"])
async def test_a_final_frame_is_marked_whatever_its_type(
    mime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[wire.Stage, bytes] = {}

    def from_message(message: wire.Frame) -> Any:
        seen[message.stage] = message.image
        return frame.from_message(message)

    monkeypatch.setattr("livedraft.client.session.from_message", from_message)
    async with serving() as client, client.session("echo", accept=[mime]) as session:
        await session.send(GREY)
        assert await session.next_frame() is not None
        await session.refine()
    assert packet(seen[wire.Stage.DRAFT]) == b""
    assert source_type(packet(seen[wire.Stage.FINAL])) == SOURCE_TYPE
