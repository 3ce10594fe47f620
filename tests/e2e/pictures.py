"""Pictures that go into ``<livedraft-sketch>`` and come out of it, pixel by pixel."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page
from tests.e2e.sheet import EL

from livedraft.media.recipes import read_recipe

Pixels = NDArray[np.uint8]


def png(pixels: Pixels) -> str:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def give(page: Page, method: str, pixels: Pixels) -> None:
    """Hand a picture over to the element, as an app does."""
    page.evaluate(
        f"""([method, text]) => {EL}[method](new Blob(
        [Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], {{ type: 'image/png' }}))""",
        [method, png(pixels)],
    )


def shot(page: Page) -> dict[str, Any]:
    """Return the element's snapshot: its pictures as arrays, and the recipe of its file."""
    found: dict[str, Any] = page.evaluate(
        f"""async () => {{ const {{ image, mask }} = await {EL}.snapshot();
        const read = (blob) => blob && new Promise((done) => {{ const reader = new FileReader();
          reader.onload = () => done(reader.result); reader.readAsDataURL(blob); }});
        return {{ image: await read(image), mask: await read(mask) }}; }}"""
    )
    images = {name: found[name] and opened(found[name]) for name in found}
    for image in filter(None, images.values()):
        image.load()  # a text may stand behind the pixels
    arrays = {name: image and np.asarray(image.convert("RGB")) for name, image in images.items()}
    return arrays | {"recipe": images["image"] and read_recipe(images["image"])}


def opened(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
