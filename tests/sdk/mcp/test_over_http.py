"""``/mcp``, by the official SDK's client, unmodified; and by who should not be there."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp_types import CallToolResult, ImageContent, TextContent
from PIL import Image

from livedraft import AsyncClient
from livedraft.errors import BadInput
from livedraft.mcp import drawings as bounds
from livedraft.mcp.drawings import Drawings
from livedraft.mcp.paper import Stroke
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread, serve

pytestmark = pytest.mark.anyio
LINE = {"points": [[0.2, 0.5], [0.8, 0.5]], "width": 0.1}
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
BOTH = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server.url


@pytest.fixture(params=["auto", "legacy"])
async def tools(url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with Client(f"{url}/mcp", mode=request.param) as client:
        yield client


def told(result: CallToolResult) -> str:
    return "\n".join(each.text for each in result.content if isinstance(each, TextContent))


def picture(result: CallToolResult) -> Image.Image:
    [found] = [each for each in result.content if isinstance(each, ImageContent)]
    return Image.open(io.BytesIO(base64.b64decode(found.data))).convert("RGB")


async def call(tools: Client, name: str, **arguments: Any) -> CallToolResult:
    result = await tools.call_tool(name, arguments)
    assert not result.is_error, told(result)
    return result


async def test_an_assistant_elsewhere_draws_and_refines(tools: Client) -> None:
    found = {tool.name: tool for tool in (await tools.list_tools()).tools}
    assert {"list_models", "generate", "edit", "draw_strokes"} <= set(found)
    assert {"set_params", "refine", "look"} <= set(found)
    assert json.loads(told(await call(tools, "list_models")))[0]["model"] == "echo"
    drawn = await call(tools, "draw_strokes", strokes=[LINE], params={"prompt": "a line"})
    seen = picture(drawn)
    assert seen.getpixel((seen.width // 2, seen.height // 2)) == (0, 0, 0)
    drawing = json.loads(told(drawn))["drawing"]
    changed = json.loads(told(await call(tools, "set_params", params={"seed": 9}, drawing=drawing)))
    assert (changed["params"]["seed"], changed["params"]["prompt"]) == (9, "a line")
    assert "1 strokes" in told(await call(tools, "look", paper=True, drawing=drawing))
    assert picture(await call(tools, "refine", drawing=drawing)).size == seen.size


async def test_drawings_of_others_are_not_to_be_had(tools: Client) -> None:
    names = {
        json.loads(told(await call(tools, "draw_strokes", strokes=[LINE])))["drawing"]
        for _ in range(2)
    }
    assert len(names) == 2
    for wrong in ("", "guessed"):
        for tool, more in (("look", {}), ("refine", {}), ("set_params", {"params": {"seed": 1}})):
            result = await tools.call_tool(tool, {"drawing": wrong, **more})
            assert result.is_error
            assert "draw_strokes first" in told(result)


async def test_no_file_of_the_server_is_read_or_written(tools: Client, tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    Image.new("RGB", (8, 8)).save(path)
    result = await tools.call_tool("edit", {"picture": str(path)})
    assert result.is_error
    assert "no base64" in told(result)
    for tool in (await tools.list_tools()).tools:
        assert "save_to" not in tool.input_schema.get("properties", {})
    written = tmp_path / "written.png"
    result = await tools.call_tool("generate", {"prompt": "", "save_to": str(written)})
    assert "no argument 'save_to'" in told(result)
    assert not written.exists()


async def test_a_picture_in_base64_is_edited(tools: Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 20, 10)).save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode()
    for text in (data, f"data:image/png;base64,{data}"):
        made = picture(await call(tools, "edit", picture=text))
        assert made.getpixel((32, 32)) == (200, 20, 10)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),  # a name of theirs that points here
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
        ({"Mcp-Protocol-Version": "1999-01-01"}, 400),
    ],
)
def test_who_should_not_be_there_is_refused(url: str, headers: dict[str, str], status: int) -> None:
    answer = httpx.post(f"{url}/mcp", json=ASKED, headers=BOTH | headers)
    assert answer.status_code == status


def test_the_token_is_needed() -> None:
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        for wrong in ({}, {"Authorization": "Bearer wrong"}):
            answer = httpx.post(f"{server.url}/mcp", json=ASKED, headers=BOTH | wrong)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        right = {"Authorization": "Bearer secret"}
        answer = httpx.post(f"{server.url}/mcp", json=ASKED, headers=BOTH | right)
        assert answer.status_code == 200
        assert "draw_strokes" in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"jsonrpc": "2.0"}', b"[" * 10_000])
def test_what_is_no_request_is_refused(url: str, body: bytes) -> None:
    headers = BOTH | {"Content-Type": "application/json"}
    answer = httpx.post(f"{url}/mcp", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    large = httpx.post(f"{url}/mcp", content=b" " * (9 * 2**20), headers=headers)
    assert large.status_code == 413


def test_a_page_of_an_allowed_website_may_ask() -> None:
    site = "https://chat.example"
    with Thread(Config(models=("echo",), port=0, origins=(site,))) as server:
        answer = httpx.options(f"{server.url}/mcp", headers={"Origin": site})
        assert answer.headers["access-control-allow-origin"] == site
        assert "Mcp-Protocol-Version" in answer.headers["access-control-allow-headers"]
        answer = httpx.post(f"{server.url}/mcp", json=ASKED, headers=BOTH | {"Origin": site})
        assert answer.headers["access-control-allow-origin"] == site


def test_a_server_that_was_told_to_end_takes_no_other_of_its_process_along(url: str) -> None:
    """As in a notebook, where Ctrl+C ends one and the next is served."""

    async def ask() -> list[str]:
        async with Client(f"{url}/mcp", mode="legacy") as tools:
            return [tool.name for tool in (await tools.list_tools()).tools]

    assert "look" in asyncio.run(ask())  # the SDK is there to hear of the other's end
    before = signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again, afterwards
    serve(Config(models=("echo",), port=0), lambda _: signal.raise_signal(signal.SIGTERM))
    signal.signal(signal.SIGTERM, before)
    assert "look" in asyncio.run(ask())


async def test_pictures_are_counted_as_over_all_ways() -> None:
    limit = Config(models=("echo",), port=0, max_hourly_per_address=1, proxies=())
    with Thread(limit) as server:
        async with Client(f"{server.url}/mcp") as tools:
            wrong = await tools.call_tool("generate", {"prompt": "", "model": "nope"})
            assert "nope" in told(wrong)
            results = [await tools.call_tool("generate", {"prompt": ""}) for _ in range(2)]
    assert not results[0].is_error, told(results[0])
    assert results[1].is_error
    assert "within an hour" in told(results[1])


GENERATE = {"name": "generate", "arguments": {"prompt": ""}}


async def test_what_the_server_asks_itself_takes_nobodys_share() -> None:
    """It takes the share of whoever asks, here one request and one connection at a time."""
    config = Config(models=("echo",), port=0, max_per_address=1, proxies=("10.0.0.0/8",))
    with Thread(config) as server:
        asked = ASKED | {"method": "tools/call", "params": GENERATE}
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{server.url}/mcp", json=asked, headers=BOTH)
            assert answer.status_code == 200
            assert '"type":"image"' in answer.text.replace(" ", ""), answer.text[:500]
            at = httpx.URL(server.url)  # the control: another connection is one too many
            reader, writer = await asyncio.open_connection(at.host, at.port)
            assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
            writer.close()


async def test_the_servers_own_door_asks_for_its_token_too() -> None:
    """It is open on this machine alone, and gives nobody more than the others do."""
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        door = server._process.server.assistants.url
        assert door != server.url
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"{door}/mcp", json=ASKED, headers=BOTH)).status_code == 401
            named = {"Host": "evil.example"}
            assert (await client.get(f"{door}/v1/models", headers=named)).status_code in (400, 403)


async def test_a_client_that_is_gone_gives_its_place_back() -> None:
    with Thread(Config(models=("echo",), port=0, max_sessions=1, idle_s=0.2)) as server:
        for _ in range(2):  # the second comes in where the first just left
            async with Client(f"{server.url}/mcp") as tools:
                await call(tools, "draw_strokes", strokes=[LINE])


async def test_a_drawing_that_rests_leaves_its_place_and_goes_on_as_it_was() -> None:
    with Thread(Config(models=("echo",), port=0, max_sessions=1)) as server:
        client = AsyncClient(server.url)
        drawings = Drawings(client, single=False, rest_s=0.05)
        name, studio = drawings.begin("")
        line = Stroke.model_validate(LINE)
        await studio.draw([line], {"prompt": "a line", "seed": 7}, "", False)
        await client.generate("somebody else's")  # waits for the one place
        frame = await drawings.find(name).update({"steps": 2})
        assert (frame.params["prompt"], frame.params["seed"]) == ("a line", 7)
        await drawings.close()
        await client.close()


async def test_a_drawing_that_rests_goes_on_with_another_model() -> None:
    """Params are a model's own: `delay_ms` means nothing to the other."""
    with Thread(Config(models=("echo", "ink"), port=0)) as server:
        client = AsyncClient(server.url)
        drawings = Drawings(client, single=False)
        name, studio = drawings.begin("")
        line = Stroke.model_validate(LINE)
        await studio.draw([line], {"delay_ms": 1}, "", False)
        await studio.close()  # as its rest does
        frame = await drawings.find(name).draw([line], {}, "ink", False)
        assert frame.model == "ink"
        await drawings.close()
        await client.close()


async def test_who_asks_is_told_where_the_sdk_cannot_be_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ImportError("cannot import name 'MCPServer'")

    monkeypatch.setattr("livedraft.mcp.server.server_for", refuse)
    with Thread(Config(models=("echo",), port=0)) as server:
        async with httpx.AsyncClient(timeout=20) as http:
            answer = await http.post(f"{server.url}/mcp", json=ASKED, headers=BOTH)
        assert answer.status_code == 500
        assert "Model Context Protocol" in answer.text


async def test_drawings_are_bounded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST", 2)
    client = AsyncClient(url)
    drawings = Drawings(client, single=False)
    names = [drawings.begin("")[0] for _ in range(3)]
    assert len(drawings) == 2
    with pytest.raises(BadInput):
        drawings.find(names[0])
    await drawings.close()
    await client.close()


async def test_a_server_that_stops_ends_what_is_under_way() -> None:
    with Thread(Config(models=("echo",), port=0, drain_s=0.1)) as server:
        async with Client(f"{server.url}/mcp") as tools:
            params = {"steps": 100, "delay_ms": 1000}
            asked = tools.call_tool("generate", {"prompt": "", "params": params})
            waiting = asyncio.create_task(asked)
            await asyncio.to_thread(server.close)
            async with asyncio.timeout(20):
                [ended] = await asyncio.gather(waiting, return_exceptions=True)
            assert isinstance(ended, BaseException) or ended.is_error
