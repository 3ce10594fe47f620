"""OpenAI's own client, unmodified, at our server; and what it would never send."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import openai
import pytest
from openai import OpenAI
from PIL import Image
from tests.runtime.transports.talks import SKETCH

from livedraft.media.recipes import read_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

MASKED = Path(__file__).with_name("masked.py")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    config = Config(models=("echo", f"python:{MASKED}:Masked", "loopback"), port=0)
    with Thread(config) as server:
        yield server.url


@pytest.fixture
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        yield client


def opened(b64: str | None) -> Image.Image:
    assert b64 is not None
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_pictures_of_words(client: OpenAI) -> None:
    made = client.images.generate(model="echo", prompt="a fox", n=2, extra_body={"seed": 7})
    first, second = (opened(each.b64_json) for each in made.data or ())
    assert first.format == second.format == "PNG"
    recipes = [read_recipe(each) or {} for each in (first, second)]
    assert [recipe["seed"] for recipe in recipes] == [7, 8]
    assert [recipe["params"]["prompt"] for recipe in recipes] == ["a fox", "a fox"]


def test_without_a_seed_each_is_another(client: OpenAI) -> None:
    seeds = set()
    for _ in range(2):
        made = client.images.generate(prompt="a fox", output_format="webp")
        assert made.data is not None
        assert opened(made.data[0].b64_json).format == "WEBP"
        seeds.add((made.data[0].model_extra or {})["seed"])
    assert len(seeds) == 2


def test_as_an_address_it_is_a_data_uri(client: OpenAI) -> None:
    made = client.images.generate(prompt="", response_format="url", size="512x512", style="vivid")
    assert made.data is not None
    assert (made.data[0].url or "").startswith("data:image/png;base64,")


def test_a_picture_of_a_picture(client: OpenAI) -> None:
    drawn = png(Image.new("RGB", (64, 32), (200, 30, 10)))
    made = client.images.edit(model="echo", image=("s.png", drawn, "image/png"), prompt="a fox")
    assert made.data is not None
    seen = opened(made.data[0].b64_json).convert("RGB")
    assert seen.size == (64, 32)
    assert seen.getpixel((32, 16)) == (200, 30, 10)


def test_previews_come_as_events_before_the_picture(client: OpenAI) -> None:
    events = list(
        client.images.generate(
            model="echo",
            prompt="a fox",
            stream=True,
            partial_images=2,
            extra_body={"steps": 8, "delay_ms": 20, "seed": 3},
        )
    )
    kinds = [event.type for event in events]
    assert kinds[-1] == "image_generation.completed"
    partial = kinds[:-1]
    assert set(partial) == {"image_generation.partial_image"}
    assert 1 <= len(partial) <= 2
    assert [getattr(event, "partial_image_index", 0) for event in events[:-1]] == [
        *range(len(partial))
    ]
    assert opened(events[-1].b64_json).size == (512, 512)


def test_an_edit_streams_under_its_own_names(client: OpenAI) -> None:
    events = client.images.edit(
        model="echo", image=("s.png", SKETCH, "image/png"), prompt="", stream=True
    )
    assert [event.type for event in events] == ["image_edit.completed"]


def test_a_failure_in_the_middle_of_events_is_told(client: OpenAI) -> None:
    events = client.images.generate(prompt="", stream=True, extra_body={"fail": True})
    with pytest.raises(openai.APIError):
        list(events)
    assert client.images.generate(prompt="").data


def test_what_is_clear_in_their_mask_is_white_in_ours(client: OpenAI) -> None:
    paper = Image.new("RGB", (64, 64), (10, 200, 30))
    mask = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 32, 64))
    made = client.images.edit(
        model="masked",
        image=("p.png", png(paper), "image/png"),
        mask=("m.png", png(mask), "image/png"),
        prompt="",
    )
    assert made.data is not None
    seen = opened(made.data[0].b64_json).convert("RGB")
    assert seen.getpixel((8, 32)) == (255, 255, 255)
    assert seen.getpixel((56, 32)) == (10, 200, 30)


def test_the_models_are_listed_for_both(client: OpenAI, url: str) -> None:
    assert [model.id for model in client.models.list()] == ["echo", "masked", "loopback"]
    assert httpx.get(f"{url}/v1/models").json()["models"][0]["id"] == "echo"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 1000}, "n"),
        ({"n": 0}, "n"),
        ({"n": "many"}, "n"),
        ({"size": "1x"}, "size"),
        ({"size": "99999999x1"}, "size"),
        ({"size": "1024x1024"}, "size"),
        ({"prompt": 7}, "prompt"),
        ({"stream": "perhaps"}, "stream"),
        ({"partial_images": 4}, "partial_images"),
        ({"output_format": "bmp"}, "output_format"),
        ({"response_format": "file"}, "response_format"),
        ({"seed": -1}, "seed"),
        ({"steps": 0}, "steps"),
        *(
            ({word: value}, word)
            for word in ("output_format", "response_format", "size", "model", "stream", "n", "seed")
            for value in cast(list[object], [["png"], {"a": 1}, [[]], 1.5])
        ),
        ({"mask": "zz"}, "mask"),
        ({"images": ["zz"]}, "images"),
    ],
)
def test_what_is_wrong_is_named(url: str, fields: dict[str, object], param: str) -> None:
    answer = httpx.post(f"{url}/v1/images/generations", json={"prompt": "a fox"} | fields)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["param"], error["type"]) == (param, "invalid_request_error")
    assert error["message"]


@pytest.mark.parametrize("fields", [{"steps": 0}, {"size": "7x9"}, {"model": "loopback"}, {"a": 1}])
def test_a_stream_that_cannot_be_is_refused_before_it_begins(
    url: str, fields: dict[str, object]
) -> None:
    asked = {"model": "echo", "prompt": "a fox", "stream": True} | fields
    answer = httpx.post(f"{url}/v1/images/generations", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_line_of_events_is_kept_open_by_proxies(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livedraft.runtime.transports.events.BEAT_S", 0.01)
    asked = {"prompt": "", "stream": True, "steps": 1, "delay_ms": 500}
    with httpx.stream("POST", f"{url}/v1/images/generations", json=asked) as answer:
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-cache"
        told = list(answer.iter_lines())
    assert ": waiting" in told
    assert any("image_generation.completed" in line for line in told)


def test_one_model_is_described_and_another_is_their_not_found(client: OpenAI) -> None:
    assert client.models.retrieve("echo").id == "echo"
    for name in ("ekho", "a/b"):
        with pytest.raises(openai.NotFoundError, match="no model"):
            client.models.retrieve(name)


def test_what_is_not_served_is_said_as_all_errors_are(client: OpenAI, url: str) -> None:
    with pytest.raises(openai.NotFoundError, match="/v1/chat/completions"):
        client.chat.completions.create(model="echo", messages=[])
    for method, path, status in (("GET", "/nothing/here", 404), ("DELETE", "/v1/generate", 405)):
        answer = httpx.request(method, f"{url}{path}", headers={"Origin": url})
        error = answer.json()["error"]
        assert answer.status_code == status
        assert path in error["message"]
        assert error["fix"]
        assert answer.headers["access-control-allow-origin"] == url


def test_what_cannot_be_is_refused_by_the_class_that_their_client_has_for_it(
    client: OpenAI, url: str
) -> None:
    with pytest.raises(openai.NotFoundError):
        client.images.generate(model="gpt-image-1", prompt="a fox")
    with pytest.raises(openai.BadRequestError):  # it makes no pictures
        client.images.generate(model="loopback", prompt="a fox")
    opaque, clear = png(Image.new("RGB", (8, 8))), png(Image.new("RGBA", (8, 8)))
    picture = ("p.png", SKETCH, "image/png")
    with pytest.raises(openai.BadRequestError):  # a mask without anything to paint
        client.images.edit(model="masked", image=picture, mask=("m.png", opaque), prompt="")
    with pytest.raises(openai.BadRequestError):  # echo takes no mask
        client.images.edit(model="echo", image=picture, mask=("m.png", clear), prompt="")
    with pytest.raises(openai.BadRequestError):  # nor two pictures
        client.images.edit(model="echo", image=[picture, picture], prompt="")
    for body in ('{"prompt"', "[]", '{"images": [{"image_url": "https://example.org/a.png"}]}'):
        answer = httpx.post(f"{url}/v1/images/edits", content=body)
        assert answer.status_code == 400
        assert "param" in answer.json()["error"]
    assert httpx.post(f"{url}/v1/images/edits", json={"prompt": ""}).status_code == 400


def test_a_wrong_secret_is_their_authentication_error() -> None:
    with (
        Thread(Config(models=("echo",), port=0, token="secret")) as server,
        OpenAI(base_url=f"{server.url}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.images.generate(prompt="a fox")
