"""The setting ``mark`` and a certificate, seen from outside: on every way on which files leave."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.certificates import make_certificate
from tests.sdk.client.test_real_server import GREY, serving
from tests.sdk.media.test_marks import packet, source_type
from tests.sdk.media.test_signing import read, told

from livedraft.media.images import decode
from livedraft.media.marks import CHANGED, KEY, NONE, SOURCE_TYPE, SOURCES
from livedraft.media.recipes import read_recipe

pytestmark = pytest.mark.anyio


async def pictures(http: httpx.AsyncClient) -> dict[str, bytes]:
    """Return a picture by each way of plain HTTP."""
    asked = {"prompt": "a fox"}
    native = await http.post("/v1/generate", json=asked)
    as_json = await http.post("/v1/generate", json=asked, headers={"accept": "application/json"})
    openai = await http.post("/v1/images/generations", json=asked)
    fal = await http.post("/anybody/echo", json=asked)
    return {
        "native": native.content,
        "json": base64.b64decode(as_json.json()["image"]),
        "openai": base64.b64decode(openai.json()["data"][0]["b64_json"]),
        "fal": await _fetched(http, fal.json()["images"][0]["url"]),
    }


async def _fetched(http: httpx.AsyncClient, url: str) -> bytes:
    if url.startswith("data:"):
        return base64.b64decode(url.partition(",")[2])
    return (await http.get(url)).content


async def test_every_way_of_http_marks_its_pictures() -> None:
    async with serving() as client, httpx.AsyncClient(base_url=client.url) as http:
        made = await pictures(http)
        models = (await http.get("/v1/models")).json()["models"]
    assert {way: source_type(packet(data)) for way, data in made.items()} == dict.fromkeys(
        made, SOURCE_TYPE
    )
    assert [model[KEY] for model in models] == ["trainedAlgorithmicMedia"]


async def test_a_model_that_changes_a_users_own_says_so() -> None:
    async with serving(models=("loopback",)) as client:
        async with httpx.AsyncClient(base_url=client.url) as http:
            models = (await http.get("/v1/models")).json()["models"]
    assert [model[KEY] for model in models] == [CHANGED]
    assert SOURCES + CHANGED != SOURCE_TYPE


async def test_one_setting_turns_it_off_everywhere(tmp_path: Path) -> None:
    async with serving(mark="off") as client, httpx.AsyncClient(base_url=client.url) as http:
        made = await pictures(http)
        models = (await http.get("/v1/models")).json()["models"]
        async with client.session("echo") as session:
            await session.send(GREY)
            await session.refine()
            frame = await session.next_frame()
    assert {way: packet(data) for way, data in made.items()} == dict.fromkeys(made, b"")
    assert [model[KEY] for model in models] == [NONE]
    recipe = read_recipe(decode(made["native"]))
    assert recipe is not None
    assert recipe["model"] == "echo"
    assert frame is not None
    assert frame.recipe[KEY] == NONE
    frame.save(tmp_path / "saved.png")
    assert packet((tmp_path / "saved.png").read_bytes()) == b""


async def test_a_server_with_a_certificate_signs(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    signing: dict[str, Any] = {"c2pa_certificate": certificate, "c2pa_key": key}
    async with serving(**signing) as client, httpx.AsyncClient(base_url=client.url) as http:
        made = await pictures(http)
        async with client.session("echo") as session:
            await session.send(GREY)
            frame = await session.refine()
    for way, data in made.items():
        mime = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        assert (way, *told(read(data, mime))) == (way, "Valid", SOURCE_TYPE)
    frame.save(tmp_path / "kept.png")
    assert (tmp_path / "kept.png").read_bytes() == frame.file, "the client keeps the signature"
    assert told(read(frame.file, "image/png")) == ("Valid", SOURCE_TYPE)
