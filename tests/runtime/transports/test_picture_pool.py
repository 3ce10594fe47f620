"""The picture pool, and which type a client gets."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.doubles import FakeSink

from livedraft.errors import BadMessage, InvalidImage
from livedraft.media import images
from livedraft.runtime.models.base import ImageInput
from livedraft.runtime.models.echo import Echo, EchoParams
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.transports.picture_pool import PicturePool, draft_mime, final_mime
from livedraft.runtime.transports.turns import Flow

FLOW = Flow("", "")
SPEC = ImageInput("sketch", 64, 64)
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"


def session() -> Session:
    return Session(Echo.info, EchoParams, {}, FakeSink(), notify=lambda session: None)


@pytest.mark.parametrize(
    ("accept", "alpha", "draft", "final"),
    [
        ([], False, JPEG, PNG),
        ([], True, WEBP, PNG),
        (["*/*"], True, WEBP, PNG),
        (["image/*"], False, JPEG, PNG),
        ([PNG, JPEG], False, PNG, PNG),
        ([JPEG, PNG], True, PNG, PNG),
        ([JPEG], True, JPEG, JPEG),
        ([WEBP, JPEG], False, WEBP, WEBP),
        (["image/avif", WEBP, PNG], True, WEBP, PNG),
    ],
)
def test_the_type_follows_the_clients_wish_and_the_models_alpha(
    accept: Sequence[str], alpha: bool, draft: str, final: str
) -> None:
    assert draft_mime(accept, alpha) == draft
    assert final_mime(accept, draft) == final


def test_no_known_type_is_refused() -> None:
    with pytest.raises(BadMessage) as caught:
        draft_mime(["image/gif"], False)
    assert PNG in caught.value.fix


@pytest.mark.anyio
@pytest.mark.parametrize("mime", [PNG, WEBP, JPEG])
async def test_pixels_survive_the_way_out_and_in(mime: str) -> None:
    pictures = PicturePool(threads=1, max_pixels=10_000)
    pixels = np.full((20, 30, 3 if mime == JPEG else 4), 200, np.uint8)
    encoded = await pictures.encode(pixels, mime, flow=FLOW)
    back = await pictures.decode(encoded, SPEC, session())
    pictures.close()
    assert back.shape == pixels.shape
    assert np.abs(back.astype(int) - pixels).max() <= 2


@pytest.mark.anyio
async def test_work_is_done_in_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    pictures = PicturePool(threads=1, max_pixels=10_000)
    pixels = np.zeros((2, 2, 3), np.uint8)
    encode = images.encode

    def noted(*args: Any, **kwargs: Any) -> bytes:
        names.append(threading.current_thread().name)
        return encode(*args, **kwargs)

    monkeypatch.setattr(images, "encode", noted)
    await pictures.encode(pixels, PNG, flow=FLOW)
    pictures.close()
    assert names[0].startswith("pictures")


@pytest.mark.anyio
async def test_too_many_pixels_are_refused_by_the_header() -> None:
    pictures = PicturePool(threads=1, max_pixels=100)
    large = await pictures.encode(np.zeros((11, 10, 3), np.uint8), PNG, flow=FLOW)
    with pytest.raises(InvalidImage, match="11"):
        pictures.probe(large)
    with pytest.raises(InvalidImage):
        await pictures.decode(large, SPEC, session())
    pictures.close()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        (ImageInput("sketch", 256, 256), (128, 256, 3)),
        (ImageInput("sketch", 256, 128), (128, 256, 3)),
        (ImageInput("sketch", 256, 256, most_px=500), (250, 500, 3)),
        (ImageInput("sketch", 4000, 4000), (600, 1200, 3)),
    ],
)
async def test_pictures_are_kept_no_larger_than_they_are_of_use(
    spec: ImageInput, kept: tuple[int, int, int]
) -> None:
    pictures = PicturePool(threads=1, max_pixels=10_000_000)
    large = images.encode(Image.new("RGB", (1200, 600)), JPEG)
    assert (await pictures.decode(large, spec, session())).shape == kept
    pictures.close()


@pytest.mark.anyio
async def test_a_long_file_of_few_pixels_takes_no_turn_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pictures, costs = PicturePool(1, 10**6), list[tuple[float, bool]]()

    async def run(work: object, *, flow: Flow, cost: float, large: bool = False) -> None:
        costs.append((cost, large))

    monkeypatch.setattr(pictures._turns, "run", run)
    few = images.encode(Image.new("RGB", (8, 8)))
    for data in (few, few[:-12] + b"\0\x20\0\0zTXt" + bytes(2**21 + 4) + few[-12:]):
        await pictures.decode(data, SPEC, session())
    pictures.close()
    (short, is_large), (long, long_is_large) = costs
    assert long - short >= 2**21
    assert (is_large, long_is_large) == (False, True)
