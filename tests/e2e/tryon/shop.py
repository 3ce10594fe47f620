"""What the tests of ``<livedraft-tryon>`` do as customers: show themselves, choose, look."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import Page
from tests.e2e.sheet import PIXEL

Visit = Callable[..., Page]

TRY = "document.querySelector('livedraft-tryon')"
ROOT = f"{TRY}.shadowRoot"
GREY, RED, BLUE = (128, 128, 128), (200, 20, 20), (20, 20, 200)
GARMENTS = (("tee", "upper", RED), ("jumper", "upper", (20, 150, 20)), ("jeans", "lower", BLUE))


def picture(
    size: tuple[int, int] = (600, 800),
    colour: tuple[int, ...] = GREY,
    kind: str = "PNG",
    **how: Any,
) -> bytes:
    """Return the file of a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **how)
    return file.getvalue()


def uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def page_of(attributes: str) -> str:
    """Return a shop's page: the tag, three garments, and what the element told."""
    garments = [
        {
            "sku": sku,
            "title": sku.title(),
            "category": kind,
            "image": uri(picture((80, 80), colour)),
        }
        for sku, kind, colour in GARMENTS
    ]
    return f"""<!doctype html><link rel="icon" href="data:,">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><script>window.told = [];</script>
        <livedraft-tryon model="tailor" {attributes}></livedraft-tryon>
        <script src="/livedraft-tryon.js"></script><script>
        {TRY}.garments = {json.dumps(garments)};
        for (const name of ['tryon-start', 'tryon-shown', 'add-to-cart', 'error', 'diagnostics'])
            {TRY}.addEventListener(name, ({{ type, detail }}) => told.push([type, detail]));
        </script>"""


def agree(page: Page) -> None:
    page.get_by_role("alertdialog").locator(".primary").click()


def choose(page: Page, data: bytes, name: str = "me.png") -> None:
    """Choose a file as the photo."""
    field = page.locator("livedraft-tryon input[type=file]").first
    field.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def show(page: Page, data: bytes | None = None) -> None:
    """Agree, and choose a photo."""
    choose(page, picture() if data is None else data)
    agree(page)
    page.wait_for_function(f"{TRY}.diagnostics.photo")


def wear(page: Page, *skus: str) -> None:
    """Put on garments, and wait for the picture."""
    before = page.evaluate(f"{TRY}.diagnostics.frames")
    page.evaluate(f"(skus) => {TRY}.wear(...skus)", list(skus))
    settle(page, before)


def settle(page: Page, before: int = 0) -> None:
    """Wait until all that was asked for is on show, after so many pictures."""
    page.wait_for_function(
        f"(before) => {TRY}.diagnostics.frames > before && !{TRY}.diagnostics.busy", arg=before
    )


def frames(page: Page) -> int:
    count: int = page.evaluate(f"{TRY}.diagnostics.frames")
    return count


def pixel(page: Page, x: float, y: float, canvas: str = "canvas.worn") -> list[int]:
    found: list[int] = page.evaluate(f"({PIXEL})({ROOT}.querySelector('{canvas}'), {x}, {y})")
    return found


def near(found: list[int], colour: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(found, colour, strict=False))


def saved(page: Page, name: str) -> bytes:
    """Press a button that saves a file; return the file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.path().read_bytes()
