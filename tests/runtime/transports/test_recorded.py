"""Clients from before the protocol grew are served as they were: what they said was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tests.memory import MemoryClient
from tests.runtime.transports.talks import serving

from livedraft.protocol.codec import server_codec
from livedraft.protocol.messages import Unknown

pytestmark = pytest.mark.anyio

FILE = Path(__file__).parents[2] / "vectors" / "recorded.json"
RECORDED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
CONVERSATIONS = {each["client"]: each for each in RECORDED["conversations"]}
KNOWS: dict[str, dict[str, bool]] = RECORDED["knows"]


def as_then(data: bytes) -> dict[str, Any]:
    """Read a message as the recorded clients did: nothing strange, nothing missing."""
    fields: dict[str, Any] = msgpack.unpackb(data)
    known = KNOWS[fields.pop("type")]
    assert not fields.keys() - known.keys(), fields.keys() - known.keys()
    assert not {name for name, needed in known.items() if needed} - fields.keys()
    return fields


@pytest.mark.parametrize("client", CONVERSATIONS)
async def test_a_recorded_client_is_served_as_it_was(client: str) -> None:
    then = CONVERSATIONS[client]
    frames: list[tuple[int, str]] = []
    refusals: list[dict[str, Any]] = []
    async with serving() as service, MemoryClient(service) as line:

        async def hear() -> bool:
            """Take the next answer; False at the end."""
            data = await line.channel.get()
            if data is None:
                return False
            assert isinstance(data, bytes)
            fields = as_then(data)
            kind = msgpack.unpackb(data)["type"]
            if kind == "frame":
                frames.append((fields["id"], fields["stage"]))
            if kind == "error":
                refusals.append(fields)
            return True

        for said in then["said"]:
            while len(frames) < said["after"]:
                assert await hear()
            await line.channel.put(bytes.fromhex(said["msgpack"]))
        while await hear():
            pass
    assert refusals == []
    heard = [msgpack.unpackb(bytes.fromhex(data)) for data in then["heard"]]
    assert frames == [(m["id"], m["stage"]) for m in heard if m["type"] == "frame"]
    assert len(frames) >= 3


@pytest.mark.parametrize("client", CONVERSATIONS)
def test_what_a_server_said_then_is_still_understood(client: str) -> None:
    for data in CONVERSATIONS[client]["heard"]:
        assert not isinstance(server_codec().decode(bytes.fromhex(data)), Unknown)
