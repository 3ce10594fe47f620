"""``livedraft.launch``: Gradio's pages and the runtime's routes on one port.

Inside a running loop, as in a notebook: outside of one Gradio makes loops that it never closes.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from tests.nginx import free_port

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


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("prot", "port"),
        ("thme", "theme"),
        ("server_name", "use host"),
        ("server_port", "use port"),
        ("share", "no tunnel"),
        ("ssl_keyfile", "TLS"),
    ],
)
async def test_an_unknown_setting_is_refused(name: str, close: str) -> None:
    with pytest.raises(ConfigError, match=name) as caught:
        launch(demo(), prevent_thread_lock=True, **{name: 1})
    assert close in caught.value.fix


async def test_gradios_variables_say_what_nothing_of_ours_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    monkeypatch.setenv("GRADIO_SERVER_NAME", "localhost")
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(port))
    with launch(demo(), models=["echo"], prevent_thread_lock=True) as server:
        assert server.url == f"http://localhost:{port}"
    monkeypatch.setenv("LIVEDRAFT_PORT", "0")
    with launch(demo(), models=["echo"], host="127.0.0.1", prevent_thread_lock=True) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert not server.url.endswith(f":{port}")


async def test_a_variable_of_gradio_that_makes_no_sense_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", "many")
    with pytest.raises(ConfigError, match="GRADIO_SERVER_PORT"):
        launch(demo(), models=["echo"], prevent_thread_lock=True)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("GRADIO_SHARE", "true", "no tunnel"),
        ("GRADIO_WATCH_DIRS", "/srv", "reloads nothing"),
        ("GRADIO_SSR_MODE", "True", "WebSocket"),
        ("GRADIO_SHARE", "False", ""),
    ],
)
async def test_a_variable_without_effect_is_answered(
    name: str,
    value: str,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    async with launched():
        said = capsys.readouterr().out
    assert (name in said) == bool(word)
    assert word in said


async def test_gradios_paths_are_those_of_its_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("open", "shut"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name)
    (tmp_path / "open" / "shut.txt").write_text("shut")
    monkeypatch.setenv("GRADIO_ALLOWED_PATHS", f"{tmp_path}/open,{tmp_path}/shut")
    monkeypatch.setenv("GRADIO_BLOCKED_PATHS", f"{tmp_path}/shut")
    async with launched() as (_, client):
        open_, shut = [
            (await client.get(f"/gradio_api/file={tmp_path}/{name}/a.txt")).status_code
            for name in ("open", "shut")
        ]
    assert (open_, shut) == (200, 403)


async def test_uploads_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    blocks, own = demo(), gr.Blocks(delete_cache=(5, 7))
    with launch(blocks, models=["echo"], port=0, prevent_thread_lock=True) as server:
        assert blocks.delete_cache == (600, 3600)
        sent = httpx.post(f"{server.url}/gradio_api/upload", files={"files": ("a.txt", b"a")})
        (path,) = map(Path, sent.json())
        assert path.read_bytes() == b"a"
    assert not path.exists()
    with launch(own, models=["echo"], port=0, prevent_thread_lock=True):
        assert own.delete_cache == (5, 7), "what the app says counts"


async def test_an_app_is_launched_again_by_either(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = demo()
    for _ in range(2):
        with launch(blocks, models=["echo"], port=0, prevent_thread_lock=True) as server:
            asked = httpx.post(f"{server.url}/gradio_api/run/greet", json={"data": ["you"]})
            assert asked.json()["data"] == ["hello you"]
    assert not blocks.is_running


async def test_a_port_that_is_taken_is_told_with_one_that_is_free() -> None:
    async with launched() as (server, _):
        taken = server.url.rpartition(":")[2]
        with pytest.raises(ConfigError, match=f"port {taken} is taken") as caught:
            launch(demo(), models=["echo"], port=int(taken))
        assert "port=" in caught.value.fix
