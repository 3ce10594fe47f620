"""What a page sets counts, whenever it sets it; what a server refuses does not stick."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page
from tests.e2e.conftest import Site
from tests.e2e.own import DATABASE, SCRIPT, SKETCH, draw, wait_loaded
from tests.e2e.sheet import EL, INK, Open, listen, pixel, prompt

HEAD = "<!doctype html><title>own</title><link rel=icon href='data:,'><body>"
KEPT_SIZE = f"""async () => {{ {DATABASE}
  const {{ blob }} = await kept('readonly', ({{ operations }}) => operations.at(-1));
  const {{ width, height }} = await createImageBitmap(blob); return [width, height]; }}"""
LATE = "<script src='/livedraft.js' defer></script>"
SET = {
    "params": {"prompt": "a green frog", "seed": 7},
    "url": "/",
    "token": "t",
    "model": "echo",
    "strength": 0.25,
    "examples": [
        {"name": "hill", "prompt": "a hill", "strokes": [{"points": [[0.2, 0.5], [0.8, 0.5]]}]}
    ],
}


def loads(page: Page, source: str) -> object:
    """Call `load` with an expression; return the code that it rejects with, or null."""
    return page.evaluate(f"async () => {EL}.load({source}).then(() => null, (error) => error.code)")


@pytest.mark.parametrize("how", ["created", "parsed"])
def test_what_is_set_before_the_script_is_there_counts(
    open_page: Open, site: Site, how: str
) -> None:
    get = "document.createElement('livedraft-sketch')" if how == "created" else EL
    html = (
        f"{HEAD}{SKETCH if how == 'parsed' else ''}<script>const el = {get};"
        f"Object.assign(el, {json.dumps(SET)}); document.body.append(el);</script>{LATE}"
    )
    page = open_page(site.page(html))
    wait_loaded(page)
    assert prompt(page).input_value() == "a green frog"
    params = page.evaluate(f"{EL}.params")
    assert (params["prompt"], params["seed"], params["strength"]) == ("a green frog", 7, 0.25)
    page.get_by_label("Draw hill").wait_for()
    assert page.evaluate(f"{EL}.getAttribute('model')") == "echo"


def test_what_is_set_later_acts(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}{SKETCH}"))
    wait_loaded(page)
    listen(page, "ready", "error")
    page.evaluate(f"{EL}.prompt = 'set'")
    assert prompt(page).input_value() == "set"
    for change in ("token = 'new'", "model = 'echo'", "url = './'"):
        page.evaluate(f"{EL}.{change}")
        page.wait_for_function("heard.ready.length === 1")
        page.evaluate("heard.ready.length = 0")
    page.evaluate(f"{EL}.url = 'http://['")
    page.wait_for_function("heard.error[0]?.code === 'connect_failed'")
    page.evaluate(f"{EL}.url = '/'")
    page.wait_for_function("heard.ready.length === 1")


def test_a_refused_param_returns_to_what_is_in_force(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}{SKETCH}"))
    wait_loaded(page)
    draw(page)
    page.evaluate(f"{EL}.params = {{ delay_ms: 5, prompt: 'mine' }}")
    page.wait_for_function(f"{EL}.diagnostics.settled")
    listen(page, "error")
    for bad, key, good in (("{ delay_ms: 99999 }", "delay_ms", 5), ("{ seed: -5 }", "seed", None)):
        before = page.evaluate(f"{EL}.params[{key!r}]")
        page.evaluate(f"{EL}.params = {bad}")
        page.wait_for_function("heard.error.pop()?.code === 'invalid_params'")
        after = page.evaluate(f"{EL}.params[{key!r}]")
        assert after == before == (good if good is not None else before)
    assert page.evaluate(f"{EL}.params.prompt") == "mine"
    page.wait_for_function(f"{EL}.diagnostics.kept === 'kept'")
    page.reload()
    wait_loaded(page)
    listen(page, "error")
    draw(page)
    page.wait_for_function(f"{EL}.value.frame?.id > 0")
    assert page.evaluate("heard.error") == []
    assert page.evaluate(f"{EL}.params.delay_ms") == 5


def picture(kind: str, mode: str = "RGB", **more: object) -> bytes:
    """Return a picture of 400 x 200 px, black on the left and white on the right."""
    pixels = np.zeros((200, 400), np.uint16 if mode == "I;16" else np.uint8)
    pixels[:, 200:] = 65535 if mode == "I;16" else 255
    image = Image.fromarray(pixels) if mode == "I;16" else Image.fromarray(pixels).convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def blob(data: bytes, type: str = "application/octet-stream") -> str:
    return f"new Blob([new Uint8Array({list(data)})], {{ type: '{type}' }})"


def test_a_picture_is_one_by_its_bytes(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}{SKETCH}"))
    for data in (picture("PNG"), picture("JPEG"), picture("WEBP"), picture("PNG", "I;16")):
        for type in ("application/octet-stream", "", "text/plain"):
            assert loads(page, blob(data, type)) is None
            assert pixel(page, INK, 0.25, 0.5)[0] < 60
            assert pixel(page, INK, 0.75, 0.5)[0] > 200


def test_what_is_no_picture_rejects_and_is_told(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}{SKETCH}"), forgive="Failed to load resource")
    listen(page, "error")
    png = picture("PNG")
    broken = [b"", b"no picture", png[:60], png[:8], b"\xff\xd8\xff" + bytes(50), b"RIFF1234WEBP"]
    sources = [blob(data, "image/png") for data in broken]
    sources += [
        "'/none.png'",
        "'/healthz'",
        "'http://127.0.0.1:9/x.png'",
        "'http://['",
        "undefined",
    ]
    for n, source in enumerate(sources, 1):
        assert loads(page, source) == "invalid_image", source
        assert page.evaluate("heard.error.length") == n
        assert page.locator(".notice").is_visible()
    assert page.evaluate(f"{EL}.value.empty")


def test_a_photo_stands_upright_and_a_huge_one_is_made_smaller(open_page: Open, site: Site) -> None:
    page = open_page(site.page(f"{SCRIPT}{SKETCH}"))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: shown, its left is the top
    assert loads(page, blob(picture("JPEG", exif=exif), "image/jpeg")) is None
    assert pixel(page, INK, 0.5, 0.25)[0] < 60
    assert pixel(page, INK, 0.5, 0.75)[0] > 200
    out = io.BytesIO()
    Image.effect_noise((5000, 3000), 90).convert("RGB").save(out, "JPEG", quality=80)
    page.set_input_files(
        "input[type=file] >> nth=0",
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()},
    )
    page.wait_for_function(f"{EL}.diagnostics.operations === 2")
    page.wait_for_function(f"{EL}.diagnostics.kept === 'kept'")
    assert page.evaluate(KEPT_SIZE) == [2048, 1229], "what fills the browser's storage"
