"""What stands before every route: also before those of an app that is mounted beside ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import Message
from tests.asking import HOST, asking

from livedraft import elements
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

REBOUND = {"Host": "rebound.example:7860", "Origin": "http://rebound.example:7860"}
CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}


async def swallow(request: Request) -> Response:
    """Read a body, as a route for uploads does."""
    size = sum([len(part) async for part in request.stream()])
    return PlainTextResponse(f"{size}")


async def fail(request: Request) -> Response:
    raise ZeroDivisionError


def mounted(**settings: Any) -> Server:
    """Return a server with another app around its routes, as ``livedraft.launch`` has."""
    server = Server(Config(models=("echo",), **settings), page=False)
    other = Starlette(
        routes=[
            Route("/upload", swallow, methods=["POST"]),
            Route("/theirs", swallow),
            Route("/fail", fail),
        ]
    )
    server.app.router.routes.append(Mount("/", other))
    return server


@asynccontextmanager
async def client_of(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with server, asking(server, raises=False) as client:
        yield client


async def statuses(server: Server, path: str, body: Sequence[Message] = ()) -> list[int]:
    """Post to a server as one that sends this much and is gone; return what it answers."""
    parts = list(body)
    answered = []

    async def receive() -> Message:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b""}
    await server.app(scope | {"headers": [(b"host", b"localhost")]}, receive, send)
    return answered


PATHS = ["/v1/models", "/metrics", "/healthz", "/readyz", "/livedraft.js", "/theirs", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
async def test_no_route_answers_to_a_name_that_is_not_known(path: str) -> None:
    async with client_of(mounted()) as client:
        for headers in (REBOUND, {"Host": "rebound.example"}):
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "unauthorized")
            assert "--hosts rebound.example'" in answer.json()["error"]["fix"]


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/livedraft.js"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        CROSS,
        CROSS | {"Sec-Fetch-Site": "same-site"},
        CROSS | {"Referer": "https://evil.example/page"},
        CROSS | {"Referer": "http://127.0.0.1:7860.evil.example/page"},
    ],
)
async def test_no_route_answers_another_website(path: str, headers: dict[str, str]) -> None:
    async with client_of(mounted(origins=("https://art.example",))) as client:
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "unauthorized")
        assert "access-control-allow-origin" not in answer.headers
        assert "--origins" in answer.json()["error"]["fix"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Origin": HOST, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://art.example", "Sec-Fetch-Site": "cross-site"},
        CROSS | {"Referer": "https://art.example/page"},
    ],
)
async def test_programs_own_pages_links_and_allowed_websites_pass(headers: dict[str, str]) -> None:
    async with client_of(mounted(origins=("https://art.example",))) as client:
        for path in ("/theirs", "/v1/models"):
            assert (await client.get(path, headers=headers)).status_code == 200


async def test_to_follow_a_link_is_to_read_and_not_to_send() -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with client_of(mounted()) as client:
        assert (await client.post("/upload", headers=followed)).status_code == 403


@pytest.mark.parametrize("path", ["http://evil.example/theirs", "evil.example:80", ""])
async def test_a_target_that_is_no_path_is_refused(path: str) -> None:
    assert await statuses(mounted(), path) == [400]


@pytest.mark.parametrize("path", ["/upload", "/v1/generate"])
@pytest.mark.parametrize("declared", [True, False])
async def test_no_body_is_larger_than_the_setting(path: str, declared: bool) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield bytes(1000)

    async with client_of(mounted(max_message_bytes=5000)) as client:
        headers = {"Content-Type": "application/json"}
        if declared:
            headers["Content-Length"] = "100000"
        answer = await client.post(path, content=chunks(), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "bad_message")
        assert "max_message_bytes" in answer.json()["error"]["fix"]
        assert read <= 7
        whole = await client.post("/upload", content=bytes(5000))
        assert (whole.status_code, whole.text) == (200, "5000")


@pytest.mark.parametrize("path", ["/upload", "/v1/generate"])
async def test_a_client_that_leaves_within_its_body_is_no_fault(path: str) -> None:
    body = [{"type": "http.request", "body": b"x", "more_body": True}]
    assert 200 not in await statuses(mounted(), path, body)  # and nothing is raised


async def test_a_fault_of_ours_is_said_as_every_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "read", None)
    async with client_of(mounted()) as client:
        answer = await client.get("/livedraft.js")
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "error")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/theirs", "/fail", "/nowhere", "/v1/models", "/healthz"])
async def test_every_answer_has_the_headers_that_keep_it_where_it_belongs(path: str) -> None:
    async with client_of(mounted(frames=("https://book.example",))) as client:
        for headers in ({}, REBOUND):
            answer = await client.get(path, headers=headers)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("frame-ancestors 'self'")
            assert policy.endswith(" https://book.example")


async def test_who_may_use_the_server_may_frame_and_show_what_it_gives() -> None:
    async with client_of(mounted(host="0.0.0.0", origins=("https://art.example",))) as client:
        answer = await client.get("/theirs", headers=CROSS | {"Referer": "https://art.example/"})
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        policy = answer.headers["content-security-policy"]
        assert policy == "frame-ancestors 'self' https://art.example"


@pytest.fixture
def sockets() -> Iterator[TestClient]:
    with TestClient(mounted().app, base_url=HOST) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/realtime", "/theirs"])
@pytest.mark.parametrize(
    "headers", [REBOUND, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_no_websocket_opens_for_a_stranger(
    sockets: TestClient, path: str, headers: dict[str, str]
) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        sockets.websocket_connect(path, headers=headers),
    ):
        pass
    assert caught.value.status_code == 403
    assert "livedraft serve --" in caught.value.json()["error"]["fix"]


async def test_a_refusal_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with client_of(mounted()) as client:
        for _ in range(5):
            await client.get("/healthz", headers=REBOUND)
        for name in range(200):
            await client.get("/healthz", headers={"Host": f"n{name}.example"})
    told = [record for record in caplog.records if "refused" in record.message]
    assert len(told) == len({record.message for record in told}) <= 64


async def test_one_address_has_no_more_than_its_share() -> None:
    server = mounted(max_per_address=2)
    going = asyncio.Event()

    async def ask(address: str, answers: list[int]) -> None:
        async def receive() -> Any:
            await going.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answers.append(message["status"])

        scope = {
            "type": "http", "method": "POST", "path": "/upload", "query_string": b"",
            "headers": [(b"host", b"localhost")], "client": (address, 1),
        }  # fmt: skip
        await server.app(scope, receive, send)

    answers: dict[str, list[int]] = {}
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "127.0.0.1"):
        answers[address] = []
    async with asyncio.TaskGroup() as tasks:
        for at in range(3):
            tasks.create_task(
                ask("192.0.2.1" if at % 2 else "::ffff:192.0.2.1", answers["192.0.2.1"])
            )
            tasks.create_task(ask(f"2001:db8::{at}", answers["2001:db8::1"]))
            tasks.create_task(ask("127.0.0.1", answers["127.0.0.1"]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        going.set()
    assert answers["192.0.2.1"] == answers["2001:db8::1"] == [503, 200, 200]
    assert answers["127.0.0.1"] == [200, 200, 200]
