"""An assistant's tools, called by the official SDK's client, over stdio and within the process."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, ImageContent, TextContent
from PIL import Image

from livedraft import AsyncClient
from livedraft.mcp.server import server_for
from livedraft.media.recipes import read_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio
HOUSE = [
    {"points": [[0.2, 0.8], [0.2, 0.4], [0.5, 0.2], [0.8, 0.4], [0.8, 0.8]], "filled": True},
    {"points": [[0.1, 0.8], [0.9, 0.8]], "colour": "#d22", "width": 0.03},
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo", "loopback"), port=0)) as server:
        yield server.url


@pytest.fixture
async def tools(url: str) -> AsyncIterator[Client]:
    async with Client(server_for(AsyncClient(url))) as client:
        yield client


def picture(result: CallToolResult) -> Image.Image:
    [found] = [each for each in result.content if isinstance(each, ImageContent)]
    return Image.open(io.BytesIO(base64.b64decode(found.data)))


def told(result: CallToolResult) -> str:
    return "\n".join(each.text for each in result.content if isinstance(each, TextContent))


async def call(tools: Client, name: str, **arguments: Any) -> CallToolResult:
    result = await tools.call_tool(name, arguments)
    assert not result.is_error, told(result)
    return result


async def test_the_tools_are_named_and_described(tools: Client) -> None:
    found = (await tools.list_tools()).tools
    assert {tool.name for tool in found} == {
        "list_models",
        "generate",
        "edit",
        "draw_strokes",
        "set_params",
        "refine",
        "look",
        "open_sketch",
    }
    assert all(tool.description for tool in found)


async def test_models_are_told_with_their_params(tools: Client) -> None:
    models = json.loads(told(await call(tools, "list_models")))
    assert [model["model"] for model in models] == ["echo", "loopback"]
    assert models[0]["params"]["seed"]["default"] == 42
    assert models[0]["takes"] == ["sketch (image)"]
    assert models[0]["description"].startswith("Shows the sketch as it came")


async def test_a_picture_of_words_is_saved_with_its_recipe(tools: Client, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    made = await call(tools, "generate", prompt="a fox", params={"seed": 7}, save_to=str(path))
    assert "saved to" in told(made)
    with Image.open(path) as saved:
        recipe = read_recipe(saved)
    assert recipe is not None
    assert recipe["params"]["seed"] == 7


async def test_a_picture_of_a_picture(tools: Client, tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    Image.new("RGB", (64, 64), (200, 20, 10)).save(path)
    made = picture(await call(tools, "edit", picture=str(path)))
    assert made.convert("RGB").getpixel((32, 32)) == (200, 20, 10)
    encoded = base64.b64encode(path.read_bytes()).decode()
    assert picture(await call(tools, "edit", picture=encoded)).size == made.size


async def test_an_assistant_draws_looks_changes_and_refines(tools: Client) -> None:
    drawn = picture(await call(tools, "draw_strokes", strokes=HOUSE, params={"prompt": "a house"}))
    seen = drawn.convert("RGB")
    assert seen.getpixel((seen.width // 2, seen.height // 2)) == (0, 0, 0)
    red = seen.getpixel((seen.width // 8, round(seen.height * 0.8)))
    assert isinstance(red, tuple)
    assert red[0] > 180 > red[1]
    changed = json.loads(told(await call(tools, "set_params", params={"seed": 9})))
    assert (changed["params"]["seed"], changed["params"]["prompt"]) == (9, "a house")
    assert picture(await call(tools, "look")).size == drawn.size
    assert "2 strokes" in told(await call(tools, "look", paper=True))
    final = await call(tools, "refine", params={"steps": 2})
    assert '"steps": 2' in told(final)
    cleared = picture(await call(tools, "draw_strokes", strokes=HOUSE[1:], clear=True))
    seen = cleared.convert("RGB")
    assert seen.getpixel((seen.width // 2, seen.height // 2)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("generate", {"prompt": "a fox", "model": "none"}, "no model"),
        ("generate", {"prompt": "a fox", "params": {"seed": -1}}, "seed"),
        ("generate", {"prompt": "a fox", "save_to": "/nowhere/at/all.png"}, "nowhere"),
        ("edit", {"picture": "/nowhere.png"}, "neither a file nor base64"),
        ("edit", {"picture": "aGVsbG8="}, "picture"),
        ("edit", {"picture": "aGVsbG8=", "model": "loopback"}, "takes no picture"),
        ("draw_strokes", {"strokes": [{"points": [[0, 0]], "colour": "mauvish"}]}, "colour"),
        ("draw_strokes", {"strokes": [{"points": []}]}, "points"),
        ("draw_strokes", {"strokes": [{"points": [[0, 99]]}]}, "99"),
        ("set_params", {"params": {"seeds": 1}}, "seed"),
        ("look", {}, "draw_strokes first"),
    ],
)
async def test_what_is_wrong_is_told_with_what_to_do(
    tools: Client, name: str, arguments: dict[str, Any], word: str
) -> None:
    result = await tools.call_tool(name, arguments)
    assert result.is_error
    assert word in told(result)
    assert not (await tools.call_tool("list_models", {})).is_error


async def test_over_stdio_as_an_assistant_starts_it(url: str) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "livedraft", "mcp", "--url", url],
        env={**os.environ},  # of which the SDK passes on little by itself
    )
    async with Client(command) as tools:
        assert picture(await call(tools, "generate", prompt="a fox")).width > 0


async def test_without_a_server_it_is_said_how_to_start_one() -> None:
    async with Client(server_for(AsyncClient("http://127.0.0.1:9"))) as tools:
        result = await tools.call_tool("list_models", {})
        assert result.is_error
        assert "livedraft serve" in told(result)
