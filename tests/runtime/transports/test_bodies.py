"""Bodies of many clients at once: together they hold bounded memory and bounded files."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.bodies import MOST_BODIES_HELD, MOST_PARTS, MOST_PARTS_HELD

pytestmark = pytest.mark.anyio

PART = b'--it\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n\r\n'
FORM = {"Content-Type": 'Multipart/Form-Data; charset=utf-8; boundary="it"'}


def client_of(**settings: Any) -> httpx.AsyncClient:
    """Return a client of a server with an app that reads whole bodies."""

    async def take(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    server = Server(Config(**settings))
    server.app.router.routes.append(Route("/upload", take, methods=["POST"]))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url="http://localhost", timeout=10
    )


class Slow:
    """Bodies that stop before their end, until they may go on."""

    def __init__(self, client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> None:
        self._client, self._body, self._headers = client, body, headers
        self._go_on = asyncio.Event()
        self._answers: list[asyncio.Task[httpx.Response]] = []

    async def hold(self, count: int) -> None:
        for _ in range(count):
            stopped = asyncio.Event()
            self._answers.append(asyncio.create_task(self._post(stopped)))
            await stopped.wait()

    async def let_go(self) -> list[int]:
        self._go_on.set()
        return [answer.status_code for answer in await asyncio.gather(*self._answers)]

    async def _post(self, stopped: asyncio.Event) -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            yield self._body
            stopped.set()
            await self._go_on.wait()
            yield b""

        return await self._client.post("/upload", content=body(), headers=self._headers)


@pytest.mark.parametrize("step", [1, 7, 10**6])
async def test_a_form_has_few_parts_however_it_is_cut(step: int) -> None:
    whole = PART * (MOST_PARTS + 1)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), step):
            yield whole[at : at + step]

    async with client_of() as client:
        answer = await client.post("/upload", content=pieces(), headers=FORM)
        assert answer.status_code == 413
        assert "parts" in answer.json()["error"]["message"]


async def test_a_form_of_as_many_parts_as_may_be_passes() -> None:
    async with client_of() as client:
        body = PART * (MOST_PARTS - 1) + b"--it--\r\n"
        answer = await client.post("/upload", content=body, headers=FORM)
        assert (answer.status_code, answer.text) == (200, str(len(body)))


async def test_what_is_no_form_has_no_parts() -> None:
    async with client_of() as client:
        body = PART * (MOST_PARTS + 1)
        for kind in ("text/plain", "application/json; boundary=it", ""):
            answer = await client.post("/upload", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 200


async def test_all_forms_together_have_bounded_parts_and_free_them() -> None:
    async with client_of() as client:
        slow = Slow(client, PART * MOST_PARTS, FORM)
        await slow.hold(MOST_PARTS_HELD // MOST_PARTS)
        refused = await client.post("/upload", content=PART, headers=FORM)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "server_busy")
        assert (await client.post("/upload", content=b"no form")).status_code == 200
        assert set(await slow.let_go()) == {200}
        assert (await client.post("/upload", content=PART, headers=FORM)).status_code == 200


async def test_all_bodies_together_hold_bounded_memory_and_free_it() -> None:
    async with client_of(max_message_bytes=1024) as client:
        slow = Slow(client, bytes(1024), {})
        await slow.hold(MOST_BODIES_HELD)
        refused = await client.post("/upload", content=b"x")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "server_busy")
        assert refused.headers["retry-after"]
        assert (await client.get("/healthz")).status_code == 200
        assert set(await slow.let_go()) == {200}
        assert (await client.post("/upload", content=b"x")).status_code == 200
