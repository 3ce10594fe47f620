"""The picture pool, and which type a client gets."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from livedraft.errors import BadMessage, InvalidImage
from livedraft.media import images
from livedraft.runtime.transports.pictures import Pictures, draft_mime, final_mime

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"


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
    pictures = Pictures(threads=1, max_pixels=10_000)
    pixels = np.full((20, 30, 3 if mime == JPEG else 4), 200, np.uint8)
    back = await pictures.decode(await pictures.encode(pixels, mime))
    pictures.close()
    assert back.shape == pixels.shape
    assert np.abs(back.astype(int) - pixels).max() <= 2


@pytest.mark.anyio
async def test_work_is_done_in_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    pictures = Pictures(threads=1, max_pixels=10_000)
    pixels = np.zeros((2, 2, 3), np.uint8)
    encode = images.encode

    def noted(*args: object, **kwargs: object) -> bytes:
        names.append(threading.current_thread().name)
        return encode(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(images, "encode", noted)
    await pictures.encode(pixels, PNG)
    pictures.close()
    assert names[0].startswith("pictures")


@pytest.mark.anyio
async def test_too_many_pixels_are_refused_by_the_header() -> None:
    pictures = Pictures(threads=1, max_pixels=100)
    large = await pictures.encode(np.zeros((11, 10, 3), np.uint8), PNG)
    with pytest.raises(InvalidImage, match="11"):
        pictures.probe(large)
    with pytest.raises(InvalidImage):
        await pictures.decode(large)
    pictures.close()
