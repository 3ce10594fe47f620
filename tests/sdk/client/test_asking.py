"""Events of a server: what is long is read on a thread, so that a loop serves others meanwhile."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from livedraft.client.asking import Asking
from livedraft.client.terms import Timeouts

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("size", "here"), [(10, True), (1_000_000, False)])
async def test_a_long_event_is_read_on_a_thread(
    monkeypatch: pytest.MonkeyPatch, size: int, here: bool
) -> None:
    read: list[int] = []
    fields = {"film": "x" * size}
    line = f"event: made\ndata: {json.dumps(fields)}\n\n"

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, text=line)

    class Spied(Asking):
        def _fields(self, value: bytearray) -> dict[str, Any]:
            read.append(threading.get_ident())
            return super()._fields(value)

    asking = Spied("http://localhost", "", Timeouts(), httpx.MockTransport(answer))
    told = [each async for each in asking.events("/", limit_s=10, body={}, accept="video/mp4")]
    await asking.close()
    assert [(each.kind, each.fields) for each in told] == [("made", fields)]
    assert [each == threading.get_ident() for each in read] == [here]
