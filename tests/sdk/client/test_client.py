"""One-shot pictures and the list of models, over HTTP that the test answers itself."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from PIL import Image
from tests.fake_server import MODEL

from livedraft.client import AsyncClient
from livedraft.client.endpoint import base_url
from livedraft.client.frame import save
from livedraft.errors import (
    ConfigError,
    ConnectFailed,
    ConnectionLost,
    InvalidImage,
    InvalidParams,
    LivedraftError,
    ModelNotFound,
    ServerBusy,
    TransportError,
    Unauthorized,
)
from livedraft.media.images import decode, encode
from livedraft.media.recipes import with_recipe

pytestmark = pytest.mark.anyio

Answer = Callable[[httpx.Request], httpx.Response]
RECIPE = {"model": "fake", "seed": 42}


def client(answer: Answer, token: str | None = None) -> AsyncClient:
    return AsyncClient("http://here:1", token, transport=httpx.MockTransport(answer))


def models(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"models": [{**MODEL, "default": True}]})


def png() -> httpx.Response:
    image = Image.new("RGBA", (8, 8), "red")
    data = encode(image, recipe=RECIPE)
    return httpx.Response(200, content=data, headers={"Content-Type": "image/png"})


def refusal(status: int, error: LivedraftError) -> httpx.Response:
    return httpx.Response(status, json={"error": error.to_wire()})


async def test_models_tell_their_inputs_and_params() -> None:
    async with client(models) as c:
        (model,) = await c.models()
    assert (model.id, model.default) == ("fake", True)
    assert (model.inputs[0].name, model.inputs[0].alpha) == ("sketch", True)
    assert "strength" in model.params_schema["properties"]


async def test_generate_sends_the_sketch_small_and_returns_the_recipe() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return models(request) if request.method == "GET" else png()

    async with client(answer, token="secret") as c:
        image = await c.generate("a red fox", sketch=Image.new("RGBA", (640, 320)), seed=42)
        await c.generate("again", sketch=Image.new("RGBA", (64, 64)))
    assert image.info["livedraft"] == RECIPE
    assert [request.method for request in asked] == ["GET", "POST", "POST"]
    assert {request.headers["Authorization"] for request in asked} == {"Bearer secret"}
    body = json.loads(asked[1].content)
    assert decode(base64.b64decode(body.pop("inputs")["sketch"])).size == (64, 32)
    assert body == {"prompt": "a red fox", "seed": 42}


async def test_a_saved_picture_keeps_its_recipe(tmp_path: Path) -> None:
    async with client(lambda request: png()) as c:
        image = await c.generate("a red fox")
    save(image, tmp_path / "fox.png")
    with Image.open(tmp_path / "fox.png") as again:
        assert with_recipe(again).info["livedraft"] == RECIPE


async def test_generate_without_a_picture_asks_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == {"prompt": "a cat", "model": "ink"}
        return png()

    async with client(answer) as c:
        assert (await c.generate("a cat", model="ink")).mode == "RGBA"


async def test_unknown_names_are_refused_before_anything_is_sent() -> None:
    async with client(models) as c:
        with pytest.raises(ModelNotFound, match="did you mean 'fake'"):
            await c.generate(model="fak", sketch=Image.new("RGB", (8, 8)))
        with pytest.raises(InvalidImage, match="did you mean 'sketch'"):
            await c.generate(inputs={"sketc": Image.new("RGB", (8, 8))})


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            httpx.Response(400, json={"error": InvalidParams("no", fix="f").to_wire()}),
            InvalidParams,
        ),
        (httpx.Response(503, json={"error": ServerBusy("full", fix="f").to_wire()}), ServerBusy),
        (httpx.Response(403, text="Forbidden"), Unauthorized),
        (httpx.Response(503, text="<html>"), ServerBusy),
        (httpx.Response(404, json={"detail": "Not Found"}), ConnectFailed),
        (httpx.Response(500, text=""), TransportError),
        (httpx.Response(200, text="<html>", headers={"Content-Type": "text/html"}), TransportError),
    ],
)
async def test_what_the_server_refuses_is_a_typed_error_with_a_fix(
    response: httpx.Response, expected: type[LivedraftError]
) -> None:
    async with client(lambda request: response) as c:
        with pytest.raises(LivedraftError) as caught:
            await c.generate("a cat")
    assert type(caught.value) is expected
    assert caught.value.code == expected.code
    assert caught.value.fix or expected is TransportError


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (httpx.ConnectError("refused"), ConnectFailed),
        (httpx.ConnectTimeout("late"), ConnectFailed),
        (httpx.ReadTimeout(""), ConnectionLost),
        (httpx.RemoteProtocolError("cut"), ConnectionLost),
    ],
)
async def test_faults_of_the_network_are_retryable_errors_of_ours(
    fault: Exception, expected: type[LivedraftError]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise fault

    async with client(answer) as c:
        with pytest.raises(expected) as caught:
            await c.models()
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:7860", "http://localhost:7860"),
        ("https://host/draw/", "https://host/draw"),
        ("ws://host:1", "http://host:1"),
        ("wss://host", "https://host"),
    ],
)
def test_addresses(url: str, base: str) -> None:
    assert base_url(url) == base


@pytest.mark.parametrize("url", ["localhost:7860", "host", "", "ftp://host"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="http://HOST:PORT"):
        base_url(url)
