"""``livedraft.launch``: Gradio's pages and the runtime's routes on one port.

Inside a running loop, as in a notebook: outside of one Gradio makes loops that it never closes.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import gradio as gr
import httpx
import pytest

from livedraft.errors import ConfigError
from livedraft.runtime.launch import launch
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio


def demo() -> gr.Blocks:
    blocks = gr.Blocks(title="A demo")
    with blocks:
        name, greeting = gr.Textbox(label="name"), gr.Textbox(label="greeting")
        gr.Button("greet").click(lambda who: f"hello {who}", name, greeting, api_name="greet")
    return blocks


@asynccontextmanager
async def launched(**settings: Any) -> AsyncIterator[tuple[Thread, httpx.AsyncClient]]:
    server = launch(demo(), models=["echo"], port=0, **settings)
    assert server is not None, "a loop runs"
    with server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            yield server, client


async def test_both_are_on_one_port(capsys: pytest.CaptureFixture[str]) -> None:
    async with launched() as (server, client):
        assert server.url in capsys.readouterr().out
        assert "A demo" in (await client.get("/")).text
        assert (await client.get("/config")).json()["title"] == "A demo"
        assert (await client.get("/v1/models")).json()["models"][0]["id"] == "echo"
        made = await client.post("/v1/generate", json={})
        assert made.headers["content-type"] == "image/png"
        assert (await client.get("/livedraft.js")).status_code == 200


async def test_gradios_events_work() -> None:
    async with launched() as (_, client):
        call = (await client.post("/gradio_api/call/greet", json={"data": ["you"]})).json()
        answer = (await client.get(f"/gradio_api/call/greet/{call['event_id']}")).text
        assert json.loads(answer.partition("data: ")[2].splitlines()[0]) == ["hello you"]


async def test_settings_of_both_are_told_apart() -> None:
    async with launched(token="hush", css=".gradio-container {color: teal}") as (_, client):
        assert (await client.get("/v1/models")).status_code == 401
        assert "color: teal" in (await client.get("/config")).text


@pytest.mark.parametrize(("name", "close"), [("prot", "port"), ("thme", "theme")])
async def test_an_unknown_setting_is_refused(name: str, close: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        launch(demo(), prevent_thread_lock=True, **{name: 1})
    assert close in caught.value.fix
