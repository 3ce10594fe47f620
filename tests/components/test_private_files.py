"""No client reads a file of the server's user: every way of naming one, over HTTP."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
import httpx
import pytest
from PIL import Image
from starlette.responses import FileResponse
from tests.components.secrets import SECRET, holds_secret, write_secret

from livedraft.client.frame import save
from livedraft.components import SketchToImage, SketchValue
from livedraft.runtime.config import Config
from livedraft.runtime.launch import launch
from livedraft.runtime.running import Thread

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

TOKEN = "hush"


@dataclass(frozen=True)
class Place:
    """A server, and where its files lie: none of ``private`` and ``beside`` is for clients."""

    url: str
    cache: Path
    private: Path  # a picture in the user's home
    beside: Path  # a picture where the server was started, which Gradio's outputs may name


def shown(value: SketchValue | None) -> tuple[Any, Image.Image | None, SketchValue | None]:
    """Return all that a listener may show of a value: params, recipe, picture, the value itself."""
    if value is None:
        return None, None, None
    recipe = value.image.info.get("livedraft") if value.image else None
    return {"params": value.params, "recipe": recipe}, value.image or value.sketch, value


def told(event: gr.EventData) -> Any:
    """Return what came with an event."""
    return event.params


def app() -> gr.Blocks:
    """Return an app that shows what it is given in every way it can."""
    demo = gr.Blocks()
    with demo:
        sketch, again = SketchToImage(label="Sketch"), SketchToImage(label="Again")
        facts, picture, plain = gr.JSON(), gr.Image(format="png"), gr.Image(type="filepath")
        file, gallery, kept = gr.File(), gr.Gallery(), gr.State([])
        sketch.submit(shown, sketch, [facts, picture, again], api_name="sketch")
        sketch.stroke(told, None, facts, api_name="event")
        sketch.change(lambda value, kept: (kept, [*kept, value]), [sketch, kept], [facts, kept])
        for name, component in {
            "image": plain, "file": file, "gallery": gallery, "json": facts
        }.items():  # fmt: skip
            gr.Button().click(lambda value: value, component, component, api_name=name)
        gr.Button().click(lambda value: value, facts, again, api_name="stored")
    return demo


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    cache, work = tmp_path / "tmp" / "gradio", tmp_path / "work"
    for folder in (cache, work, tmp_path / "home"):
        folder.mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(cache))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(work)
    private, beside = tmp_path / "home" / "secret.png", work / "secret.png"
    for path in (private, beside):
        write_secret(path)
    with launch(app(), models=["echo"], port=0, token=TOKEN, prevent_thread_lock=True) as server:
        yield Place(server.url, cache, private, beside)


@pytest.fixture
def local_site(tmp_path: Path) -> Iterator[str]:
    """Give the address of another server on this machine that shows a secret to local callers."""
    path = tmp_path / "site.png"
    write_secret(path)

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await FileResponse(path)(scope, receive, send)

    with Thread(Config(models=("echo",), port=0), lambda server, url: _around(server, serve)) as s:
        yield s.url


def _around(server: Any, site: Any) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (server.app if scope["type"] == "lifespan" else site)(scope, receive, send)

    return app


def file(path: Path | str, **more: Any) -> dict[str, Any]:
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}, **more}


def spellings(path: Path, cache: Path) -> list[str]:
    """Return a file's path in all the ways that one may try."""
    up = "../" * 20
    return [
        str(path),
        f"{cache}/{up}{path}",
        f"{up}{path}",
        f"/proc/self/root{path}",
        f"/proc/self/cwd/{up}{path}",
        f"//{path}",
        f"{path}/.",
        f"file://{path}",
        str(path.parent),
    ]


def values(path: str) -> list[Any]:
    """Return values of a sketch component that name a file."""
    named = file(path)
    return [
        {"sketch": named},
        {"image": named},
        {"sketch": file("x", url=f"file://{path}")},
        {"sketch": file(path, is_stream=True)},
        {"sketch": file(path, mime_type="image/svg+xml", orig_name="x.svg")},
        {"sketch": {"path": path}},
        {"params": named},
        {"params": {"prompt": named}},
        {"params": {"deep": [[{"er": [named]}]]}},
        {"prompt": "x", **named},
        named,
        [named],
        path,
    ]


async def ask(client: httpx.AsyncClient, name: str, data: list[Any]) -> str:
    """Return all that the two ways of calling a listener answer."""
    direct = await client.post(f"/gradio_api/run/{name}", json={"data": data})
    call = await client.post(f"/gradio_api/call/{name}", json={"data": data})
    event = call.json().get("event_id", "none") if call.status_code == 200 else "none"
    queued = await client.get(f"/gradio_api/call/{name}/{event}")
    return direct.text + call.text + queued.text


async def fetched(client: httpx.AsyncClient, answer: str, *paths: str) -> list[bytes]:
    """Return the bodies of all files that an answer names, and of these."""
    decoder, found = json.JSONDecoder(), set(paths)
    for start, mark in enumerate(answer):
        if mark == '"':
            try:
                text, _ = decoder.raw_decode(answer, start)
            except ValueError:
                continue
            if "/" in text and len(text) < 1000:
                found.add(text.partition("/gradio_api/file=")[2] or text)
    gets = [await client.get("/gradio_api/file=" + quote(path)) for path in sorted(found)]
    return [got.content for got in gets]


async def check_nothing_leaked(place: Place, answer: str, *paths: str) -> None:
    async with httpx.AsyncClient(base_url=place.url) as client:
        for body in [answer.encode(), *await fetched(client, answer, *paths)]:
            assert not holds_secret(body)
    for path in place.cache.rglob("*"):
        if path.is_file() and path.resolve().is_relative_to(place.cache.resolve()):
            assert not holds_secret(path.read_bytes()), "copied into the cache"


async def test_a_secret_would_be_seen(place: Place) -> None:
    """Show that the check can fail: a picture that was uploaded does come back."""
    async with httpx.AsyncClient(base_url=place.url) as client:
        mine = ("mine.png", place.private.read_bytes())
        (path,) = (await client.post("/gradio_api/upload", files={"files": mine})).json()
        answer = await ask(client, "sketch", [{"sketch": file(path)}])
    with pytest.raises(AssertionError):
        await check_nothing_leaked(place, answer)


@pytest.mark.parametrize("which", ["private", "beside"])
async def test_no_value_of_a_sketch_names_a_file(place: Place, which: str) -> None:
    secret: Path = getattr(place, which)
    (place.cache / "link.png").symlink_to(secret)
    (place.cache / "folder").symlink_to(secret.parent)
    paths = [
        *spellings(secret, place.cache),
        str(place.cache / "link.png"),
        str(place.cache / "folder" / secret.name),
    ]
    async with httpx.AsyncClient(base_url=place.url, timeout=30) as client:
        for path in paths:
            shapes = values(path) if path == str(secret) else values(path)[:2]
            answer = "".join([await ask(client, "sketch", [value]) for value in shapes])
            await check_nothing_leaked(place, answer, path)


@pytest.mark.parametrize("name", ["image", "file", "gallery", "json"])
async def test_no_other_component_hands_out_a_file(place: Place, name: str) -> None:
    async with httpx.AsyncClient(base_url=place.url, timeout=30) as client:
        for path in [*spellings(place.private, place.cache)[::3], str(place.beside)]:
            named = file(path)
            several = (named, [named], [{"image": named, "caption": "x"}], {"x": [named]})
            answer = "".join([await ask(client, name, [value]) for value in several])
            await check_nothing_leaked(place, answer, path)


async def test_no_function_passes_on_a_file_that_a_client_names(place: Place) -> None:
    (place.cache.parent / "link.png").symlink_to(place.private)
    paths = [*spellings(place.private, place.cache)[:6], str(place.cache.parent / "link.png")]
    async with httpx.AsyncClient(base_url=place.url, timeout=30) as client:
        for path in paths:
            for value in (path, {"sketch": path}, {"image": path}, {"params": {"sketch": path}}):
                answer = await ask(client, "stored", [value])
                await check_nothing_leaked(place, answer, path)
        Image.new("RGB", (8, 8)).save("drawing.png")  # of the app's own folder
        answer = await ask(client, "stored", [{"sketch": "drawing.png"}])
        assert "sketch.png" in answer


async def test_no_event_names_a_file(place: Place) -> None:
    config = httpx.get(f"{place.url}/config").json()
    (stroke,) = [d["id"] for d in config["dependencies"] if d["api_name"] == "event"]
    body = {
        "data": [],
        "fn_index": stroke,
        "event_data": {"params": {"prompt": file(place.beside)}},
        "session_hash": "x",
    }
    answer = httpx.post(f"{place.url}/gradio_api/run/event", json=body).text
    answer += httpx.post(f"{place.url}/gradio_api/queue/join", json=body).text
    answer += httpx.get(f"{place.url}/gradio_api/queue/data", params={"session_hash": "x"}).text
    await check_nothing_leaked(place, answer, str(place.beside))


async def test_the_recipe_in_a_picture_names_no_file(place: Place, tmp_path: Path) -> None:
    made = Image.new("RGB", (8, 8), "red")
    made.info["livedraft"] = {"seed": 1, "params": {"prompt": file(place.beside)}}
    save(made, tmp_path / "made.png")
    async with httpx.AsyncClient(base_url=place.url) as client:
        mine = ("made.png", (tmp_path / "made.png").read_bytes())
        (path,) = (await client.post("/gradio_api/upload", files={"files": mine})).json()
        answer = await ask(client, "sketch", [{"image": file(path), "params": {"seed": 1}}])
    assert '"seed"' in answer, "the value itself was taken"
    await check_nothing_leaked(place, answer, str(place.beside))


async def test_files_of_the_process_and_folders_are_refused(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.url) as client:
        for path in ("/proc/self/environ", "/etc/passwd", str(place.cache), "a\0b", ""):
            answer = await ask(client, "sketch", [{"sketch": file(path)}])
            assert "error" in answer
            assert "Traceback" not in answer
            for body in await fetched(client, answer, "/proc/self/environ", "/etc/passwd"):
                assert b"GRADIO_TEMP_DIR" not in body
                assert b"root:" not in body


async def test_the_server_fetches_nothing_of_its_neighbours(place: Place, local_site: str) -> None:
    port = local_site.rpartition(":")[2]
    hosts = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]
    async with httpx.AsyncClient(base_url=place.url, timeout=30) as client:
        for address in [f"http://{host}:{port}/a.png" for host in hosts]:
            answer = await ask(client, "sketch", [{"sketch": file(address)}])
            answer += await ask(client, "image", [file(address)])
            await check_nothing_leaked(place, answer, address)
            for between in ("=", "/"):
                asked = await client.get(f"/gradio_api/file{between}{address}")
                assert asked.status_code == 403
                assert "fetches no other" in asked.text


def test_the_secret_is_told_from_others() -> None:
    assert holds_secret(b"..." + SECRET + b"...")
    assert not holds_secret(b"...")
