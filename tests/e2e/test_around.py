"""``<livedraft-sketch>``: what it tells, who gets in, and that everything can be reached."""

from __future__ import annotations

import pytest
from tests.e2e.sheet import EL, LINE, PHONE, PICTURE, Open, faults_to_hit, stroke, wait_dark

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


def test_the_readout_tells_rate_latency_and_limit(open_page: Open, url: str) -> None:
    page = open_page(url)
    stroke(page, *LINE)
    line = page.locator(".line")
    line.wait_for()
    assert "fps" in line.inner_text()
    assert "limited by" in line.inner_text()
    line.click()
    assert "Model" in page.locator(".stages").inner_text()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
def test_everything_has_a_name_and_can_be_hit(
    open_page: Open, url: str, viewport: dict[str, int]
) -> None:
    page = open_page(url, viewport=viewport)
    page.get_by_role("button", name="More").click()
    assert faults_to_hit(page) == []


def test_the_secret_opens_the_door(open_page: Open) -> None:
    with Thread(Config(models=("echo",), port=0, token="s3cret")) as server:
        page = open_page(server.url, live=False)
        note = page.get_by_role("alert")
        note.wait_for()
        page.locator(".pill[data-state=closed]").wait_for()
        stroke(page, *LINE)
        page.evaluate(f"{EL}.setAttribute('token', 's3cret')")
        wait_dark(page, PICTURE, 0.5, 0.5)
        assert not note.is_visible()
        page.close()


def test_who_has_to_wait_sees_the_place_in_the_queue(open_page: Open) -> None:
    with Thread(Config(models=("echo",), port=0, max_sessions=1)) as server:
        first = open_page(server.url)
        second = open_page(server.url, live=False)
        second.get_by_text("Place 1 in the queue").first.wait_for()
        first.close()
        second.locator(".pill[data-state=open]").wait_for()
        second.close()
