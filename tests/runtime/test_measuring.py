"""What a model measured reaches its client with the picture or the frame that it is about."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import httpx
import numpy as np
import pytest
from PIL import Image
from tests.memory import MemoryClient
from tests.sdk.client.test_real_server import serving

from livedraft.client import AsyncClient
from livedraft.errors import ModelFailed
from livedraft.media.chunks import Still, VideoChunk
from livedraft.media.images import encode
from livedraft.protocol.messages import Ack, Frame, Input, Media, Note, Open
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import (
    ImageInput,
    ImageOutput,
    Job,
    ModelInfo,
    Params,
    Request,
    VideoInput,
    VideoOutput,
)
from livedraft.runtime.models.null import Null
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

NOTE = Note(code="dark", message="The picture is dark; take a brighter one.", param="", choices=[])
INPUTS = (ImageInput("picture", 8, 8, alpha=True, required=False), VideoInput("camera", 8, 8))


class Meter(Null[Params, None, Job]):
    """Give back what came, and measure how bright it is. It is no real model."""

    info: ModelInfo = ModelInfo(
        id="meter",
        task="measure",
        title="Meter",
        licence="Apache-2.0",
        commercial="yes",
        width=8,
        height=8,
        alpha=False,
        inputs=tuple(replace(each, required=False) for each in INPUTS),
        draft_steps=1,
        max_steps=1,
        outputs=(ImageOutput(), VideoOutput()),
    )
    params: ClassVar[type[Params]] = Params
    told: ClassVar[Mapping[str, Any] | None] = None  # in place of what was measured

    def open(self) -> None:
        pass

    def prepare(self, items: Sequence[tuple[None, Request[Params]]]) -> list[Job]:
        return [MeterJob("meter", request) for _, request in items]

    def step(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            assert isinstance(job, MeterJob)
            job.step += 1
            value = job.frames[0].mean() if job.frames else job.request.inputs["picture"].mean()
            job.data = (
                {"bright": np.float32(value), "of": (8, 8)} if self.told is None else self.told
            )
            job.notes = (NOTE,) if value < 64 else ()

    def emit(self, jobs: Sequence[Job]) -> list[list[Still | VideoChunk]]:
        made: list[list[Still | VideoChunk]] = []
        for job in jobs:
            assert isinstance(job, MeterJob)
            came = job.request.video.get("camera", ())
            made.append([*came] if came else [Still(job.request.inputs["picture"])])
        return made


class MeterJob(Job):
    """A request."""

    def __init__(self, key: str, request: Request[Params]) -> None:
        super().__init__(key, 1)
        self.request = request
        self.frames = [frame for chunk in request.video.get("camera", ()) for frame, _ in chunk]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    load = MODELS.load
    monkeypatch.setattr(MODELS, "load", lambda name: Meter if name == "meter" else load(name))
    monkeypatch.setattr(Meter, "told", None)


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with serving(models=("meter", "echo")) as client:
        yield client


def grey(shade: int, alpha: int | None = None) -> Image.Image:
    picture = Image.new("RGB", (8, 8), (shade,) * 3)
    if alpha is not None:
        picture.putalpha(alpha)
    return picture


async def test_a_picture_comes_with_what_was_measured_of_it(client: AsyncClient) -> None:
    async with client.session("meter") as session:
        await session.send(grey(200))
        frame = await session.next_frame()
        assert frame is not None
        assert frame.data == {"bright": 200.0, "of": [8, 8]}
        assert (session.data, session.notes) == (frame.data, ())
        await session.send(grey(20))
        frame = await session.next_frame()
        assert frame is not None
        assert [note["code"] for note in frame.notes] == ["dark"]
        assert frame.data["bright"] == 20.0
        assert "data" not in frame.recipe, "a recipe says what makes the picture again, no more"


async def test_moving_pictures_do_too(client: AsyncClient) -> None:
    async with client.session("meter", codecs=["png"]) as session:
        outputs = session.outputs()
        for shade in (200, 20):
            await session.send({"camera": np.full((8, 8, 3), shade, np.uint8)})
            assert isinstance(await anext(outputs), VideoChunk)
            assert session.data["bright"] == shade
            assert [note["code"] for note in session.notes] == (["dark"] if shade < 64 else [])


async def test_one_picture_over_http_tells_it_as_json(client: AsyncClient) -> None:
    asked = {
        "model": "meter",
        "inputs": {"picture": b64encode(encode(grey(20), "image/png")).decode()},
    }
    async with httpx.AsyncClient(base_url=client.url) as http:
        accept = {"Accept": "application/json"}
        answer = (await http.post("/v1/generate", json=asked, headers=accept)).json()
        assert answer["data"] == {"bright": 20.0, "of": [8, 8]}
        assert [note["code"] for note in answer["notes"]] == ["dark"]
        plain = await http.post("/v1/generate", json={"model": "echo"}, headers=accept)
        assert "data" not in plain.json()


async def test_models_that_measure_nothing_send_nothing(client: AsyncClient) -> None:
    async with client.session("echo") as session:
        await session.send(grey(90))
        frame = await session.next_frame()
        assert frame is not None
        assert frame.data == {}


async def test_a_piece_of_media_carries_it() -> None:
    async with Server(Config(models=("meter",))) as service, MemoryClient(service) as client:
        await client.open(Open(features=["media"], codecs=["png"]))
        data = encode(grey(30), "image/png")
        await client.say(
            Media(track="camera", id=1, pts=0, duration=40_000, codec="png", data=data)
        )
        piece = await client.hear(Media)
        assert piece.about == {"bright": 30.0, "of": [8, 8]}
        assert [note["code"] for note in piece.notes] == ["dark"]


@pytest.mark.parametrize(
    ("accept", "clear", "solid"),
    [
        ([], "image/webp", "image/jpeg"),
        (["image/jpeg", "image/png"], "image/png", "image/jpeg"),
        (["image/jpeg"], "image/jpeg", "image/jpeg"),
    ],
)
async def test_pixels_say_whether_a_picture_needs_a_type_with_transparency(
    accept: list[str], clear: str, solid: str
) -> None:
    async with Server(Config(models=("meter",))) as service, MemoryClient(service) as client:
        await client.open(Open(accept=accept))
        for id, (alpha, mime) in enumerate([(7, clear), (None, solid), (7, clear)], start=1):
            await client.say(Input(id=id, inputs={"picture": encode(grey(99, alpha), "image/png")}))
            frame = await client.hear(Frame)
            assert frame.mime == mime
            await client.say(Ack(seq=frame.seq))


UNFIT: dict[str, Any] = {
    "no mapping": [1, 2],
    "not finite": {"bright": float("nan")},
    "an array": {"all": np.zeros(3)},
    "bytes": {"picture": b"123"},
    "half a character": {"\ud800": 1},
    "too much": {"all": ["x" * 1000] * 100},
    "too many": {"all": [0] * 20_000},
    "too deep": (lambda f, n: f(f, n))(lambda f, n: {"a": f(f, n - 1)} if n else {}, 150),
}


@pytest.mark.parametrize("name", UNFIT)
async def test_what_cannot_be_told_fails_that_job_alone(
    name: str, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client.session("meter") as session:
        monkeypatch.setattr(Meter, "told", UNFIT[name])
        await session.send(grey(90))
        with pytest.raises(ModelFailed, match="data"):
            await session.next_frame()
        monkeypatch.setattr(Meter, "told", None)
        await session.send(grey(91))
        frame = await session.next_frame()
        assert frame is not None
        assert frame.data["bright"] == 91.0
