"""What is final in one piece, of servers that tell how far it is: also of such as are none."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.runtime.models.providers.asking import png
from tests.sweep import SERVED

import livedraft as ld
from livedraft.client import RefineProgress
from livedraft.client import asking as bounds
from livedraft.errors import ConfigError, InvalidParams, TimedOut, TransportError
from livedraft.media.codecs import probe, read_video
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio
EVENTS = {"Content-Type": "text/event-stream"}
ABOUT = {"mime": "video/mp4", "width": 8, "height": 8, "frames": 1, "duration": 40_000}
FILM = ABOUT | {"film": base64.b64encode(b"a film").decode(), "model": "any", "params": {}}


def test_a_film_or_a_picture_whichever_the_model_makes(tmp_path: Path) -> None:
    heard: list[RefineProgress] = []
    with Thread(Config(models=("echo", SERVED), port=0)) as server, ld.Client(server.url) as client:
        film = client.final("a fox", model="sweep", seed=7, steps=3, on_progress=heard.append)
        assert isinstance(film, ld.FilmFile)
        assert (film.model, film.seed, film.frames, film.seconds) == ("sweep", 7, 5, 0.5)
        assert [each.steps for each in heard] == [3] * len(heard)
        film.save(tmp_path / "fox.mp4")
        data = (tmp_path / "fox.mp4").read_bytes()
        assert data == film.data
        assert probe(data).recipe is not None
        assert sum(len(each) for each in read_video(data)) == 5
        with pytest.raises(ConfigError, match="cannot write"):
            film.save(tmp_path / "none" / "fox.mp4")
        picture = client.final("a fox", model="echo", sketch=Image.new("RGB", (64, 64), "teal"))
        assert isinstance(picture, Image.Image)
        assert picture.info["livedraft"]["params"]["prompt"] == "a fox"
        with pytest.raises(InvalidParams, match="seconds"):
            client.final(model="sweep", seconds=61)


class Lines(httpx.AsyncByteStream):
    """Says this in pieces, and then nothing."""

    def __init__(self, data: bytes, *, ends: bool = True) -> None:
        self._data = data
        self._ends = ends
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), 7):
            yield self._data[start : start + 7]
        if not self._ends:
            await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed = True


def client_of(lines: Lines, headers: dict[str, str], **more: Any) -> ld.AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept"] == "text/event-stream, image/*, video/*"
        return httpx.Response(200, headers=headers, stream=lines)

    return ld.AsyncClient(transport=httpx.MockTransport(answer), **more)


def said(*events: tuple[str, Any]) -> bytes:
    return b"".join(
        f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode() for kind, data in events
    )


async def test_a_film_in_pieces_with_news_for_coroutines() -> None:
    heard: list[RefineProgress] = []

    async def hear(way: RefineProgress) -> None:
        heard.append(way)

    note = {"code": "elsewhere", "message": "Position 4.", "param": "", "choices": []}
    told = said(("progress", {"step": 1, "steps": 2, "notes": [note]}), ("made", FILM))
    async with client_of(Lines(b": a comment\n\n" + told), EVENTS) as client:
        film = await client.final(on_progress=hear)
        assert isinstance(film, ld.FilmFile)
        assert (film.data, film.seconds) == (b"a film", 0.04)
        assert [(step, steps, notes[0]["message"]) for step, steps, notes in heard] == [
            (1, 2, "Position 4.")
        ]
    picture = {"image": base64.b64encode(png()).decode(), "mime": "image/png"}
    async with client_of(Lines(said(("made", picture))), EVENTS) as client:
        assert isinstance(await client.final(), Image.Image)


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        (b"", EVENTS),
        (said(("progress", {"step": 1})), EVENTS),
        (said(("made", {})), EVENTS),
        (said(("made", FILM | {"film": 7})), EVENTS),
        (said(("made", FILM | {"frames": "many"})), EVENTS),
        (said(("progress", {"step": "one"})), EVENTS),
        (said(("error", {})), EVENTS),
        (said(("error", {"error": 7})), EVENTS),
        (b"event: made\ndata: [1]\n\n", EVENTS),
        (b"event: made\ndata: " + b"[" * 100_000 + b"\n\n", EVENTS),
        (said(("made", FILM)), {"Content-Type": "text/html"}),
    ],
)
async def test_what_is_no_answer_is_told(data: bytes, headers: dict[str, str]) -> None:
    lines = Lines(data)
    async with client_of(lines, headers) as client:
        with pytest.raises(ld.LivedraftError):
            await client.final(on_progress=print)
    assert lines.closed


async def test_who_sends_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_MOST_OF_EVENTS", 1000)
    async with client_of(Lines(b"x" * 2000), EVENTS) as client:
        with pytest.raises(TransportError, match="without end"):
            await client.final()


async def test_each_sign_is_waited_for_so_long() -> None:
    lines = Lines(said(("progress", {"step": 1})), ends=False)
    heard: list[RefineProgress] = []
    async with client_of(lines, EVENTS, timeouts=ld.Timeouts(generate_s=0.1)) as client:
        with pytest.raises(TimedOut, match="generate_s"):
            await client.final(on_progress=heard.append)
    assert len(heard) == 1
    assert lines.closed
