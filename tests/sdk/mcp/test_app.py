"""The MCP App in a chat: a host as the specification has it, in Chromium, and a user who draws."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.browser import page as chromium
from mcp import Client
from mcp.client import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp_types import TextContent, TextResourceContents
from PIL import Image
from playwright.sync_api import Page
from tests.websites import one_page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from livedraft import AsyncClient
from livedraft.mcp.app import URI
from livedraft.mcp.server import server_for
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

HOST = Path(__file__).with_name("host.html").read_text("utf-8")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        yield server.url


async def read(tools: Client) -> TextResourceContents:
    [found] = (await tools.read_resource(URI)).contents
    assert isinstance(found, TextResourceContents)
    return found


def resource(url: str) -> TextResourceContents:
    """Return the page as a host reads it, of an assistant on this machine."""

    async def ask() -> TextResourceContents:
        async with Client(server_for(AsyncClient(url, "secret"))) as tools:
            return await read(tools)

    return asyncio.run(ask())


def given(found: TextResourceContents, theme: str = "light") -> str:
    meta = (found.meta or {})["ui"]
    told = json.dumps({"html": found.text, "csp": meta["csp"], "theme": theme})
    return HOST.replace("/*GIVEN*/null", told.replace("</", "<\\/"))


def shown(content: list[dict[str, Any]]) -> Image.Image:
    [data] = [each["data"] for each in content if each["type"] == "image"]
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def draw(page: Page) -> None:
    paper = page.frame_locator("iframe").locator("livedraft-sketch canvas").first
    box = paper.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5, steps=8)
    page.mouse.up()


def test_a_user_draws_in_a_chat_and_the_assistant_sees_it(url: str) -> None:
    html = given(resource(url))
    with one_page() as chat, chromium(width=900, height=800) as page:
        chat.page = html
        page.goto(chat.url)
        page.wait_for_function("heard.includes('ui/notifications/initialized')")
        draw(page)
        page.wait_for_function("context !== null")
        content = page.evaluate("context")
        assert "a red fox" in content[0]["text"]
        picture = shown(content)
        colours = picture.getcolors(picture.width * picture.height) or []
        assert len(colours) > 1  # what was drawn is on it
        page.frame_locator("iframe").get_by_role("button", name="Send to the chat").click()
        page.wait_for_function("messages.length === 1")
        [message] = page.evaluate("messages")
        assert message["role"] == "user"
        assert shown(message["content"]).size == picture.size
        assert "ui/notifications/size-changed" in page.evaluate("heard")
        assert page.evaluate("violations") == []
        assert page.evaluate("askView('ui/resource-teardown')") == {}
        assert page.frame_locator("iframe").locator("livedraft-sketch").count() == 0


def test_it_is_told_as_the_specification_says(url: str) -> None:
    async def ask() -> None:
        can = advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})
        ours = server_for(AsyncClient(url, "secret"))
        async with Client(ours, extensions=[can]) as tools:
            [tool] = [t for t in (await tools.list_tools()).tools if t.name == "open_sketch"]
            assert (tool.meta or {})["ui"]["resourceUri"] == URI
            [listed] = [r for r in (await tools.list_resources()).resources if r.uri == URI]
            assert listed.mime_type == APP_MIME_TYPE
            found = await read(tools)
            assert found.mime_type == APP_MIME_TYPE
            csp = (found.meta or {})["ui"]["csp"]
            assert csp["connectDomains"] == [url, url.replace("http", "ws")]
            assert csp["resourceDomains"] == [url]
            assert "secret" not in found.text
            opened = (await tools.call_tool("open_sketch", {"prompt": "a fox"})).content[0]
            assert isinstance(opened, TextContent)
            assert "The sheet is open" in opened.text
        async with Client(server_for(AsyncClient(url, "secret"))) as tools:
            opened = (await tools.call_tool("open_sketch", {})).content[0]
            assert isinstance(opened, TextContent)
            assert f"open {url}/ in a browser" in opened.text

    asyncio.run(ask())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http_the_page_has_the_name_that_its_reader_knows(mode: Any) -> None:
    config = Config(models=("echo",), port=0, hosts=("draw.example",))

    async def ask(url: str) -> TextResourceContents:
        async with Client(f"{url}/mcp", mode=mode) as tools:
            return await read(tools)

    with Thread(config) as server:
        port = server.url.rpartition(":")[2]
        found = asyncio.run(ask(f"http://localhost:{port}"))
        assert f'src="http://localhost:{port}/livedraft.js"' in found.text


def ticket(url: str) -> str:
    named = {"Authorization": "Bearer secret"}
    return str(httpx.post(f"{url}/v1/tickets", headers=named).json()["path"])


def test_a_ticket_lets_a_page_without_an_address_draw_and_nothing_else(url: str) -> None:
    own = url + ticket(url)
    nobody = {"Origin": "null"}
    answer = httpx.get(f"{own}/v1/models", headers=nobody)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "null"
    with connect(own.replace("http", "ws") + "/v1/realtime", additional_headers=nobody):
        pass
    for path in (
        "/metrics",
        "/v1/tickets",
        "/v1/generate",
        "/mcp",
        "/",
        "/v1/models/",
        "//v1/models",
    ):
        assert httpx.get(own + path, headers=nobody).status_code == 401
    assert httpx.post(f"{own}/v1/tickets", headers=nobody).status_code == 401


@pytest.mark.parametrize(
    "forged", ["", "0-0", "ffffffffffff-", "ffffffffffff-" + "0" * 64, "é-é", "-", "x-y", "%00"]
)
def test_a_forged_ticket_lets_nobody_in(url: str, forged: str) -> None:
    nobody = {"Origin": "null"}
    address = f"{url}/ticket/{forged}/v1/models"
    assert httpx.get(address, headers=nobody).status_code in (401, 403, 404)
    with pytest.raises(InvalidStatus):
        connect(address.replace("http", "ws").replace("models", "realtime"))


def test_without_the_token_nobody_gets_a_ticket_and_a_name_must_be_known(url: str) -> None:
    assert httpx.post(f"{url}/v1/tickets").status_code == 401
    own = url + ticket(url)
    named = {"Host": "evil.example"}
    assert httpx.get(f"{own}/v1/models", headers=named).status_code == 403
