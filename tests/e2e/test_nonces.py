"""Each element on a page whose policy lets in scripts by a nonce alone, nothing inline."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page
from tests.e2e.camera.film import FAKE_DEVICES
from tests.e2e.sheet import LINE, Open, stroke
from tests.e2e.test_policies import told, until
from tests.websites import Website

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

MODELS = {"sketch": "echo", "camera": "loopback", "tryon": "tryon", "head": "head"}
GARMENT = "runtime/models/tryon/garments/tee-terracotta.webp"
PERSON = "demos/tryon/people/astronaut.jpg"


@pytest.fixture(scope="session")
def chromium_args(chromium_args: list[str]) -> list[str]:
    return [*chromium_args, *FAKE_DEVICES]


@pytest.fixture(scope="module")
def server(website: Website) -> Iterator[str]:
    models = tuple(MODELS.values())
    with Thread(Config(models=models, port=0, origins=(website.url,))) as running:
        yield running.url


def policy(server: str) -> str:
    """Return the policy: the microphone's script alone comes from the server, by its address."""
    where = f"{server} {server.replace('http', 'ws', 1)}"
    return (
        f"default-src 'none'; script-src 'nonce-fresh' {server}/livedraft-microphone.js;"
        f" connect-src {where}; img-src blob: data:; media-src blob:"
    )


def element(room: str) -> str:
    return f"document.querySelector('livedraft-{room}')"


def draw(page: Page) -> None:
    stroke(page, *LINE)
    until(page, f"{element('sketch')}.value.frame")


def film(page: Page) -> None:
    told(page, f"{element('camera')}.addEventListener('frame', () => (window.shown = true))")
    page.get_by_role("button", name="Start", exact=True).click()
    until(page, "window.shown")


def talk(page: Page) -> None:
    until(page, f"{element('head')}.diagnostics.frames > 0")
    page.mouse.click(200, 200)  # sound wants that its user did something
    told(page, f"void {element('head')}.speak('Good morning.')")
    until(page, f"{element('head')}.diagnostics.words > 0")
    told(page, f"{element('head')}.startMicrophone()")
    until(page, f"{element('head')}.diagnostics.microphone === 'on'")


def try_on(page: Page) -> None:
    with open(GARMENT, "rb") as file:
        image = f"data:image/webp;base64,{base64.b64encode(file.read()).decode()}"
    garment = json.dumps([{"sku": "tee", "title": "Tee", "category": "upper", "image": image}])
    told(page, f"{element('tryon')}.garments = {garment}")
    page.locator("livedraft-tryon input[type=file]").first.set_input_files(PERSON)
    page.get_by_role("alertdialog").locator(".primary").click()
    page.get_by_role("option").first.click()
    until(page, f"{element('tryon')}.diagnostics.worn.includes('tee')")


@pytest.mark.parametrize(
    ("room", "use"),
    [
        ("sketch", draw),
        ("camera", film),
        ("tryon", try_on),
        ("head", talk),
    ],
)
@pytest.mark.parametrize("kind", ["script", "module"])
def test_an_element_is_used_and_nothing_is_forbidden(
    visit: Open, server: str, room: str, use: Callable[[Page], None], kind: str
) -> None:
    name = "livedraft" if room == "sketch" else f"livedraft-{room}"
    ending, how = (".js", "") if kind == "script" else (".mjs", 'type="module" ')
    page = visit(
        f'<script {how}nonce="fresh" src="{server}/{name}{ending}"></script>'
        f'<livedraft-{room} url="{server}" model="{MODELS[room]}"></livedraft-{room}>',
        headers={"Content-Security-Policy": policy(server)},
        live=False,
    )
    use(page)
    assert told(page, "violations") == []


def test_what_the_policy_forbids_is_told(visit: Open, server: str) -> None:
    page = visit(
        "<script>window.ran = true</script><style>p { color: red }</style>",
        headers={"Content-Security-Policy": policy(server)},
        live=False,
        forgive="Content Security Policy",
    )
    until(page, "window.violations.length === 2")
    assert told(page, "window.ran") is None
