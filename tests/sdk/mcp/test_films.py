"""Films for assistants: seen as frames, read as resources, told of while they are made."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest
from mcp import Client, MCPError
from mcp_types import BlobResourceContents, CallToolResult, ResourceLink
from tests.sdk.mcp.test_mcp import HOUSE, call, picture, told
from tests.sweep import SERVED

from livedraft import AsyncClient, FilmFile
from livedraft.errors import BadInput
from livedraft.mcp import films as bounds
from livedraft.mcp.films import Films, sheet
from livedraft.mcp.server import server_for
from livedraft.media.codecs import probe, read_video
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio
FILM: dict[str, Any] = {"prompt": "a fox", "model": "sweep", "params": {"seed": 7, "steps": 3}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo", SERVED), port=0)) as server:
        yield server.url


@pytest.fixture(params=["within", "auto", "legacy"])
async def tools(url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Give the tools of an assistant on this machine, and of those elsewhere."""
    if request.param == "within":
        server = server_for(AsyncClient(url))
        async with Client(server) as client:
            yield client
    else:
        async with Client(f"{url}/mcp", mode=request.param) as client:
            yield client


@pytest.fixture
async def own(url: str) -> AsyncIterator[Client]:
    async with Client(server_for(AsyncClient(url))) as client:
        yield client


def link(result: CallToolResult) -> ResourceLink:
    [found] = [each for each in result.content if isinstance(each, ResourceLink)]
    return found


async def read(tools: Client, uri: str) -> bytes:
    [found] = (await tools.read_resource(uri)).contents
    assert isinstance(found, BlobResourceContents)
    assert found.mime_type == "video/mp4"
    return base64.b64decode(found.blob)


async def test_a_film_is_seen_and_read(tools: Client) -> None:
    models = json.loads(told(await call(tools, "list_models")))
    assert [model["makes"] for model in models] == [["picture"], ["film", "sound"]]
    heard: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total))

    made = await tools.call_tool("generate", FILM, progress_callback=hear)
    assert not made.is_error, told(made)
    about = json.loads(told(made))
    assert (about["model"], about["seed"], about["frames"], about["seconds"]) == (
        "sweep",
        7,
        5,
        0.5,
    )
    seen = np.asarray(picture(made).convert("L"))
    assert seen.shape == (48, 4 * 64)
    shades = seen[24, 32::64].tolist()
    assert shades == sorted(shades)
    assert shades[0] < 40 < 200 < shades[-1], "the first frame, the last, and between"
    found = link(made)
    assert (found.mime_type, found.uri) == ("video/mp4", about["film"])
    data = await read(tools, found.uri)
    assert found.size == len(data)
    assert sum(len(each) for each in read_video(data)) == 5
    recipe = probe(data).recipe
    assert recipe is not None
    assert recipe["params"]["prompt"] == "a fox"
    assert heard, "it was told how far it is"
    assert heard == sorted(heard)
    assert {steps for _, steps in heard} == {3}


async def test_a_drawing_is_finished_as_a_film(tools: Client) -> None:
    drawn = await call(tools, "draw_strokes", strokes=HOUSE, params={"prompt": "a house"})
    named = {"drawing": json.loads(told(drawn)).get("drawing", "")}
    made = await call(tools, "refine", model="sweep", params={"sound": True}, **named)
    about = json.loads(told(made))
    assert (about["params"]["prompt"], about["params"]["sound"]) == ("a house", True)
    assert probe(await read(tools, link(made).uri)).sound
    assert '"stage": "final"' not in told(made)
    still = await call(tools, "refine", **named)
    assert picture(still).size == picture(drawn).size, "the drawing goes on with its own model"


async def test_it_is_drawn_with_models_of_pictures(tools: Client) -> None:
    result = await tools.call_tool("draw_strokes", {"strokes": HOUSE, "model": "sweep"})
    assert result.is_error
    assert "refine with model='sweep'" in told(result)


async def test_a_picture_becomes_a_film_in_a_file(own: Client, tmp_path: Path) -> None:
    start = tmp_path / "start.png"
    picture(await call(own, "generate", prompt="a fox")).save(start)
    path = tmp_path / "fox clip.mp4"
    made = await call(own, "edit", picture=str(start), model="sweep", save_to=str(path))
    assert f"saved to {path}" in told(made)
    assert Path(url2pathname(urlsplit(link(made).uri).path)) == path
    assert sum(len(each) for each in read_video(path.read_bytes())) == 5


async def test_a_path_that_ends_in_another_way_is_put_right(own: Client, tmp_path: Path) -> None:
    await call(own, "generate", **FILM, save_to=str(tmp_path / "fox.png"))
    await call(own, "generate", prompt="a fox", save_to=str(tmp_path / "still.mp4"))
    assert {each.name for each in tmp_path.iterdir()} == {"fox.mp4", "still.png"}
    wrong = await own.call_tool("generate", {**FILM, "save_to": str(tmp_path / "fox.gif")})
    assert wrong.is_error
    assert "end its name in" in told(wrong)


async def test_sound_alone_is_told_without_a_picture(own: Client) -> None:
    made = await call(own, "generate", prompt="", model="sweep", params={"unseen": True})
    assert [each.type for each in made.content] == ["text", "resource_link"]
    assert json.loads(told(made))["frames"] == 0


async def test_what_is_wrong_is_told(tools: Client) -> None:
    for params, word in (({"fail": True}, "leave out"), ({"seconds": 99}, "seconds")):
        result = await tools.call_tool("generate", FILM | {"params": params})
        assert result.is_error
        assert word in told(result)
    for name in ("guessed.mp4", "../secret", ""):
        with pytest.raises(MCPError):
            await tools.read_resource(f"livedraft://films/{name}")


def film(size: int = 10, **fields: Any) -> FilmFile:
    known: dict[str, Any] = {
        "mime": "video/mp4",
        "width": 8,
        "height": 8,
        "frames": 1,
        "duration": 1,
    }
    return FilmFile(data=bytes(size), model="sweep", params={}, **(known | fields))


async def test_films_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 25)
    films = Films()
    names = [films.keep(film()).name for _ in range(3)]
    assert [len(films.read(name)) for name in names[1:]] == [10, 10]
    with pytest.raises(BadInput, match="no film"):
        films.read(names[0])
    large = films.keep(film(100)).name
    assert (len(films), len(films.read(large))) == (1, 100)
    monkeypatch.setattr(bounds, "MOST", 2)
    for _ in range(3):
        films.keep(film(1))
    assert len(films) == 2
    films.close()
    assert len(films) == 0
    assert len({films.keep(film()).uri for _ in range(9)}) == 9
    films.close()


def test_a_film_that_cannot_be_looked_at_is_there_all_the_same() -> None:
    assert sheet(film()) is None
