"""What an assistant at ``/mcp`` must not reach, stop or lose, by its official client."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from mcp_types import ImageContent
from PIL import Image

from livedraft import AsyncClient
from livedraft.mcp.paper import Paper, Stroke
from livedraft.mcp.server import server_for
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

from .test_over_http import LINE, call, picture, told

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server.url


@pytest.fixture
async def tools(url: str) -> AsyncIterator[Client]:
    async with Client(f"{url}/mcp") as client:
        yield client


OF_PARAMS: list[tuple[str, dict[str, Any]]] = [
    ("generate", {"prompt": ""}),
    ("draw_strokes", {"strokes": [LINE]}),
    ("set_params", {}),
    ("refine", {}),
]


@pytest.mark.parametrize(("tool", "more"), OF_PARAMS)
async def test_params_are_no_way_to_a_file(
    tools: Client, url: str, tmp_path: Path, tool: str, more: dict[str, Any]
) -> None:
    """Params go to a client of ours by name, and of its names some take paths."""
    path = str(tmp_path / "secret.png")
    Image.new("RGB", (64, 64), (200, 20, 10)).save(path)
    async with AsyncClient(url) as client:  # the control: what such a name gives in a program
        read = (await client.generate("", sketch=path)).convert("RGB")
        assert read.getpixel((32, 32)) == (200, 20, 10)
    if tool in ("set_params", "refine"):
        drawn = await call(tools, "draw_strokes", strokes=[LINE])
        more = more | {"drawing": json.loads(told(drawn))["drawing"]}
    for named in ({"sketch": path}, {"inputs": {"sketch": path}}, {"sketch": "/nowhere.png"}):
        result = await tools.call_tool(tool, more | {"params": named})
        assert result.is_error
        assert "no parameter" in told(result)
        assert not any(isinstance(each, ImageContent) for each in result.content)


@pytest.mark.parametrize(
    "params",
    [{"self": 1}, {"model": "echo"}, {"prompt": "another"}, {"inputs": 7}, {"on_progress": 1}],
)
async def test_what_params_cannot_be_called_is_told(tools: Client, params: dict[str, Any]) -> None:
    result = await tools.call_tool("generate", {"prompt": "a fox", "params": params})
    assert result.is_error
    assert next(iter(params)) in told(result), "not only that something failed"


@pytest.mark.parametrize(
    ("tool", "more", "fix"),
    [
        ("generate", {"prompt": "a fox"}, "goes into params"),
        ("edit", {"picture": ""}, "goes into params"),
        ("draw_strokes", {"strokes": [LINE]}, "goes into params"),
        ("set_params", {"params": {}}, "goes into params"),
        ("refine", {}, "goes into params"),
        ("look", {}, "known: drawing, paper"),
        ("list_models", {}, "it takes none"),
        ("open_sketch", {}, "known: model, prompt"),
    ],
)
async def test_arguments_that_no_tool_has_are_refused(
    tools: Client, tool: str, more: dict[str, Any], fix: str
) -> None:
    """A seed beside params, instead of in them, would give a picture of another seed."""
    result = await tools.call_tool(tool, more | {"seed": 5})
    assert result.is_error
    assert "no argument 'seed'" in told(result)
    assert fix in told(result)
    schema = {each.name: each.input_schema for each in (await tools.list_tools()).tools}[tool]
    assert schema["additionalProperties"] is False


async def test_what_goes_beside_the_arguments_is_passed_over(tools: Client) -> None:
    """Programs say there what is theirs; and a seed in params is the picture's."""
    arguments = {"prompt": "a fox", "params": {"seed": 5}}
    made = await tools.call_tool("generate", arguments, meta={"progress_token": "own"})
    assert json.loads(told(made))["params"]["seed"] == 5


async def test_a_long_drawing_keeps_nobody_waiting(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on = asyncio.Event(), threading.Event()
    loop, draw = asyncio.get_running_loop(), Paper.draw

    def slowly(paper: Paper, strokes: list[Stroke]) -> Paper:
        loop.call_soon_threadsafe(begun.set)
        assert on.wait(60)
        return draw(paper, strokes)

    monkeypatch.setattr(Paper, "draw", slowly)
    async with Client(f"{url}/mcp") as tools, httpx.AsyncClient(timeout=20) as http:
        drawing = asyncio.create_task(call(tools, "draw_strokes", strokes=[LINE]))
        await begun.wait()
        assert (await http.get(f"{url}/healthz")).status_code == 200
        assert not drawing.done()
        on.set()
        picture(await drawing)


async def test_what_is_refused_costs_no_drawing(tools: Client) -> None:
    drawn = await call(tools, "draw_strokes", strokes=[LINE], params={"prompt": "a line"})
    drawing = json.loads(told(drawn))["drawing"]
    bad: dict[str, Any] = {"points": [[0, 0]], "colour": "mauvish"}
    for wrong in ({"model": "ekho"}, {"strokes": [bad], "clear": True}):
        arguments = {"strokes": [LINE], "drawing": drawing} | wrong
        assert (await tools.call_tool("draw_strokes", arguments)).is_error
    assert "1 strokes" in told(await call(tools, "look", paper=True, drawing=drawing))
    again = await call(tools, "set_params", params={"seed": 9}, drawing=drawing)
    assert json.loads(told(again))["params"]["prompt"] == "a line"
    seen = picture(await call(tools, "look", drawing=drawing))
    assert seen.getpixel((seen.width // 2, seen.height // 2)) == (0, 0, 0)


async def test_a_default_that_is_to_come_is_judged_and_asked_about_until_it_is_there() -> None:
    sizes = {"width": 8, "height": 8}
    ready = {"id": "echo", **sizes, "inputs": [{"name": "sketch"}], "outputs": [{"name": "image"}]}
    film = {"id": "slow", **sizes, "outputs": [{"name": "video", "kind": "video"}]}
    coming = film | {"default": True, "state": "loading"}
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"models": [ready, coming]})

    client = AsyncClient("http://localhost", transport=httpx.MockTransport(answer))
    async with Client(server_for(client)) as tools:
        drawn = await tools.call_tool("draw_strokes", {"strokes": [LINE]})
        assert "refine with model='slow'" in told(drawn), "not that of the first in the list"
        coming |= {"id": "later", "state": "ready"}
        again = await tools.call_tool("draw_strokes", {"strokes": [LINE]})
        assert "refine with model='later'" in told(again)
        await tools.call_tool("draw_strokes", {"strokes": [LINE]})
    assert [request.url.path for request in asked] == ["/v1/models"] * 2


async def test_a_drawing_goes_on_with_its_model_whatever_the_default_makes() -> None:
    with Thread(Config(models=("loopback", "echo"), port=0)) as server:
        async with Client(f"{server.url}/mcp") as tools, asyncio.timeout(20):
            drawn = await call(tools, "draw_strokes", strokes=[LINE], model="echo")
            named = {"strokes": [LINE], "drawing": json.loads(told(drawn))["drawing"]}
            again = await call(tools, "draw_strokes", **named)
    assert json.loads(told(again))["model"] == "echo"


async def test_a_default_that_makes_no_pictures_is_told_at_once() -> None:
    with Thread(Config(models=("loopback",), port=0)) as server:
        async with Client(f"{server.url}/mcp") as tools, asyncio.timeout(20):
            result = await tools.call_tool("draw_strokes", {"strokes": [LINE]})
    assert result.is_error
    assert "no pictures" in told(result)
