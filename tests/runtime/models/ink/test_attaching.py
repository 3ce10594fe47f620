"""LoRAs of `ink` that come and go while it draws: others draw on as before, nothing is kept."""

import gc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tests.runtime.models.ink.test_lora import noise, write

from livedraft.client import AsyncClient, AsyncSession
from livedraft.errors import WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.inference.lora import AdaptedGraphs, Lora
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio

CONFIG = Config(port=0, threads=1, log_level="error")
SWAPS = 100


def drawing() -> Image.Image:
    image = Image.new("RGBA", (256, 256))
    ImageDraw.Draw(image).ellipse((50, 60, 200, 190), outline=(0, 0, 0, 255), width=4)
    return image


async def picture(session: AsyncSession, **params: object) -> NDArray[np.uint8]:
    """Return the next draft."""
    await session.send(drawing(), **params)
    frame = await session.next_frame()
    assert frame is not None
    return np.asarray(frame.image)


async def test_two_draw_while_others_come_and_go(model: Ink, tmp_path: Path) -> None:
    first = write(tmp_path / "a.safetensors", model, noise(model, 1))
    second = write(tmp_path / "b.safetensors", model, noise(model, 2))
    with Thread(CONFIG) as server:
        async with AsyncClient(server.url) as client:
            one = client.session(prompt="a red bird", accept=["image/png"])
            two = client.session(prompt="a red bird", accept=["image/png"])
            async with one, two:
                plain = await picture(one)
                np.testing.assert_array_equal(await picture(two), plain)
                server.attach_lora("mine", first)
                with_first = await picture(two, loras={"mine": 1.0})
                assert not np.array_equal(with_first, plain)
                np.testing.assert_array_equal(await picture(one), plain)
                with pytest.raises(WeightsError, match="has a LoRA 'mine'"):
                    server.attach_lora("mine", second)
                np.testing.assert_array_equal(await picture(two), with_first)
                server.attach_lora("mine", second, instead=True)
                with_second = await picture(two)
                assert not np.array_equal(with_second, with_first), "no cache tells the old one"
                np.testing.assert_array_equal(await picture(one), plain)
                server.detach_lora("mine")
                np.testing.assert_array_equal(await picture(two), plain)
                np.testing.assert_array_equal(await picture(one), plain)
                server.attach_lora("mine", first)
                again = await picture(two, loras={"mine": 1.0})
                np.testing.assert_array_equal(again, with_first)


async def test_a_hundred_that_came_and_went_leave_nothing(model: Ink, tmp_path: Path) -> None:
    file = write(tmp_path / "a.safetensors", model, noise(model, 1))
    with Thread(CONFIG) as server:
        async with AsyncClient(server.url) as client, client.session(prompt="a bird") as session:
            await picture(session)
            before = held()
            for _ in range(SWAPS):
                server.attach_lora("mine", file)
                await session.update(loras={"mine": 1.0})
                server.detach_lora("mine")
            await session.send(drawing())
            while (frame := await session.next_frame()) and frame.params["loras"]:
                pass  # drafts of before
            assert held() == before


def held() -> tuple[int, int]:
    """Return how many LoRAs and mixes of them are in memory."""
    gc.collect()
    kinds = [type(each) for each in gc.get_objects()]
    return kinds.count(Lora), kinds.count(AdaptedGraphs)
