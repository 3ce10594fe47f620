"""One shot over HTTP: both kinds of request, both kinds of answer, every refusal."""

import asyncio
import base64
import io
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.asking import asking
from tests.memory import MemoryClient

from livedraft.media import images
from livedraft.media.recipes import read_recipe
from livedraft.protocol.messages import Open
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

SKETCH = images.encode(Image.linear_gradient("L").convert("RGB"))
BASE64 = base64.b64encode(SKETCH).decode()


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    server = Server(Config(models=("echo",), **settings))
    async with server, asking(server) as client:
        yield server, client


def picture(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("encoded", [BASE64, f"data:image/png;base64,{BASE64}"])
async def test_json_in_and_a_png_with_its_recipe_out(encoded: str) -> None:
    async with serving() as (_, client):
        body = {"model": "echo", "inputs": {"sketch": encoded}, "prompt": "a fox", "steps": 2}
        answer = await client.post("/v1/generate", json=body)
        image = picture(answer)
        assert image.convert("L").tobytes() == Image.linear_gradient("L").tobytes()
        recipe = read_recipe(image)
        assert recipe is not None
        assert recipe["params"]["prompt"] == "a fox"
        assert (recipe["model"], recipe["stage"], recipe["steps"]) == ("echo", "final", 2)
        assert answer.headers["x-livedraft-seed"] == "42"
        assert "model;dur=" in answer.headers["server-timing"]


async def test_a_form_in_and_json_out() -> None:
    async with serving() as (_, client):
        answer = await client.post(
            "/v1/generate",
            data={"model": "echo", "seed": "7", "delay_ms": "1.5", "fail": "false"},
            files={"sketch": ("s.png", SKETCH, "image/png")},
            headers={"Accept": "application/json"},
        )
        found = answer.json()
        assert (found["model"], found["seed"], found["mime"]) == ("echo", 7, "image/png")
        assert found["params"]["delay_ms"] == 1.5
        assert found["timings"]["stepped"] >= 1.5
        assert Image.open(io.BytesIO(base64.b64decode(found["image"]))).size == (256, 256)


async def test_nothing_at_all_makes_the_default_picture() -> None:
    async with serving() as (_, client):
        assert picture(await client.post("/v1/generate", json={})).size == (512, 512)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"sed": 1}, "invalid_params", "no parameter 'sed'"),
        ({"prompt": "x" * 100_000}, "invalid_params", "prompt"),
        ({"inputs": {"sketch": "%"}}, "bad_message", "not base64"),
        ({"inputs": {"sketch": "aGk="}}, "invalid_image", "not a picture"),
        ({"inputs": {"sketch": BASE64[:400]}}, "invalid_image", "damaged"),
        ({"inputs": {"skech": BASE64}}, "invalid_image", "no input 'skech'"),
        ({"inputs": [1]}, "bad_message", "inputs"),
        ({"model": 1}, "bad_message", "model"),
        ([1], "bad_message", "object"),
    ],
)
async def test_a_bad_request_is_refused_with_400(body: Any, code: str, message: str) -> None:
    async with serving() as (server, client):
        answer = await client.post("/v1/generate", json=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, code)
        assert message in error["message"]
        assert server.service.admission.taken == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b"),
        (b"x", "text/plain"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(content: bytes, kind: str) -> None:
    async with serving() as (_, client):
        answer = await client.post("/v1/generate", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")


async def test_an_unknown_model_is_404() -> None:
    async with serving() as (_, client):
        answer = await client.post("/v1/generate", json={"model": "ecko"})
        assert (answer.status_code, answer.json()["error"]["fix"]) == (
            404,
            "did you mean 'echo'?",
        )


async def test_a_model_that_fails_is_500_and_the_next_picture_works() -> None:
    async with serving() as (_, client):
        failed = await client.post("/v1/generate", json={"fail": True})
        assert (failed.status_code, failed.json()["error"]["code"]) == (500, "model_failed")
        picture(await client.post("/v1/generate", json={}))


async def test_a_full_server_is_503_with_retry_after() -> None:
    async with serving(max_sessions=1, max_queue=0) as (server, client):
        async with MemoryClient(server.service) as inside:
            await inside.open(Open())
            answer = await client.post("/v1/generate", json={})
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "server_busy")
            assert int(answer.headers["retry-after"]) > 0
        picture(await client.post("/v1/generate", json={}))


async def test_a_picture_is_not_decoded_for_a_client_that_has_left() -> None:
    async with serving(picture_threads=1) as (server, client):
        door, busy, decode = threading.Event(), threading.Event(), images.decode
        decoded: list[bytes] = []

        def slow(data: bytes, *args: Any, **how: Any) -> Image.Image:
            busy.set()
            door.wait()
            decoded.append(data)
            return decode(data, *args, **how)

        other = images.encode(Image.new("RGB", (8, 8)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(images, "decode", slow)
            bodies = [{"inputs": {"sketch": base64.b64encode(d).decode()}} for d in (SKETCH, other)]
            asked = [asyncio.create_task(client.post("/v1/generate", json=body)) for body in bodies]
            await asyncio.to_thread(busy.wait)
            runner = await server.service.runner()
            while runner.under_way < 2:
                await asyncio.sleep(0)
            asked[1].cancel()
            await asyncio.gather(asked[1], return_exceptions=True)
            door.set()
            assert picture(await asked[0]).size == (256, 256)
            assert decoded == [SKETCH]
        assert server.service.admission.taken == 0


async def test_work_stops_when_the_client_leaves() -> None:
    async with serving() as (server, _):
        service = server.service
        runner = await service.runner()
        asked = [b'{"steps": 100, "delay_ms": 50}']
        waiting, left = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, Any]:
            if asked:
                return {"type": "http.request", "body": asked.pop(), "more_body": False}
            waiting.set()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            """Nobody reads."""

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/generate",
            "headers": [(b"host", b"127.0.0.1")],
            "query_string": b"",
        }
        request = asyncio.ensure_future(server.app(scope, receive, send))
        await waiting.wait()
        assert runner.under_way == 1
        left.set()
        async with asyncio.timeout(1):
            await request
            await runner.drain()
        assert service.admission.taken == 0
