"""``<livedraft-sketch>`` on pages with strict policies: CSP, Trusted Types, isolation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.e2e.sheet import EL, LINE, PICTURE, PIXEL, Open, prompt, stroke

GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/embed-in-a-page.md"
ADDRESS = "http://127.0.0.1:7860"  # of the server, as the guide writes it


def guided(server: str) -> str:
    """Return the policy that the guide asks for, with a server's address in it."""
    fence = re.search(r"```text csp\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.S)
    assert fence is not None
    host = server.removeprefix("http://")
    return " ".join(fence[1].split()).replace(ADDRESS.removeprefix("http://"), host)


def tags(server: str, attributes: str = "") -> str:
    return (
        f'<script src="{server}/livedraft.js"></script>'
        f'<livedraft-sketch url="{server}" {attributes}></livedraft-sketch>'
    )


def told(page: Page, expression: str) -> Any:
    """Evaluate by the debugger itself: what Playwright adds to a page, these policies forbid."""
    debugger = page.context.new_cdp_session(page)
    how = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = debugger.send("Runtime.evaluate", how)
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def until(page: Page, condition: str) -> None:
    told(
        page,
        f"(async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }})()",
    )


DARK = f"(({PIXEL})({PICTURE}, 0.5, 0.5)[3] > 200 && ({PIXEL})({PICTURE}, 0.5, 0.5)[0] < 90)"


def use_everything(page: Page) -> None:
    """Draw, refine, keep, bring back, open a picture with its drawing, save."""
    told(page, f"{EL}.addEventListener('submit', ({{ detail }}) => (window.shot = detail))")
    stroke(page, *LINE)
    until(page, DARK)
    prompt(page).fill("a bridge")
    prompt(page).press("Enter")
    until(page, "window.shot")
    page.get_by_label("Clear the drawing").click()
    until(page, f"!{DARK}")
    page.get_by_role("button", name=re.compile("Bring back")).click()
    until(page, DARK)
    told(page, f"{EL}.clear()")
    told(page, f"{EL}.load(shot.image)")
    until(page, DARK)
    page.get_by_role("button", name="More").click()
    page.locator(".line").click()
    page.locator(".bars").wait_for(state="attached")
    with page.expect_download():
        page.get_by_label("Download").click()


@pytest.mark.parametrize("model", ["url", "paintbox"])  # opaque pictures, and transparent ones
def test_the_policy_of_the_guide_forbids_nothing_that_it_does(
    visit: Open, model: str, request: pytest.FixtureRequest
) -> None:
    server: str = request.getfixturevalue(model)
    page = visit(tags(server), headers={"Content-Security-Policy": guided(server)})
    use_everything(page)
    assert told(page, "violations") == []
    assert told(page, f"getComputedStyle({EL}.shadowRoot.querySelector('.work')).display") == (
        "grid"
    ), "it is styled"
    swatch = "button[aria-label=Red]"
    colour = f"getComputedStyle({EL}.shadowRoot.querySelector('{swatch}'), '::before')"
    assert told(page, f"{colour}.backgroundColor") == "rgb(229, 72, 77)"


def test_a_page_that_trusts_no_text_as_script_may_have_it(visit: Open, url: str) -> None:
    policy = f"{guided(url)} require-trusted-types-for 'script'; trusted-types 'none'"
    page = visit(tags(url), headers={"Content-Security-Policy": policy})
    use_everything(page)
    assert told(page, "violations") == []


def test_the_module_works_under_the_same_policy(visit: Open, url: str) -> None:
    body = (
        f'<script type="module" src="{url}/livedraft.mjs"></script>'
        f'<livedraft-sketch url="{url}"></livedraft-sketch>'
    )
    page = visit(body, headers={"Content-Security-Policy": guided(url)})
    stroke(page, *LINE)
    until(page, DARK)
    assert told(page, "violations") == []


def test_an_isolated_page_loads_it(visit: Open, url: str) -> None:
    isolated = {
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    page = visit(tags(url), headers=isolated)
    assert told(page, "crossOriginIsolated")
    use_everything(page)


def test_moved_into_another_window_it_keeps_its_looks(visit: Open, url: str) -> None:
    page = visit(tags(url) + "<iframe></iframe>")
    told(page, f"document.querySelector('iframe').contentDocument.body.append({EL})")
    inner = "document.querySelector('iframe').contentDocument.querySelector('livedraft-sketch')"
    assert told(page, f"getComputedStyle({inner}.shadowRoot.querySelector('.work')).display") == (
        "grid"
    )
