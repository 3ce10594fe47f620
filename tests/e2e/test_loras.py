"""LoRAs that come and go on the server: the page shows them without a reload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import MODELS
from tests.e2e.sheet import EL, Open, drawn

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


@pytest.fixture
def server() -> Iterator[Thread]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)  # an installed package with an entry point
        with Thread(Config(models=("paintbox",), port=0)) as server:
            yield server


def test_a_lora_comes_and_goes_on_an_open_page(
    open_page: Open, server: Thread, tmp_path: Path
) -> None:
    file = tmp_path / "mist.txt"
    file.write_text("Soft edges.")
    page = drawn(open_page, server.url, "input")
    page.get_by_role("button", name="More").click()
    page.evaluate("window.reloaded = false")
    server.attach_lora("mist", file)
    mist = page.get_by_role("switch", name="Mist")
    expect(mist).to_be_visible()
    expect(page.get_by_text("Soft edges.")).to_be_visible()
    mist.check()
    page.wait_for_function("heard.change.at(-1).params.loras.mist === 1")
    page.get_by_role("switch", name="Woodcut").check()
    page.wait_for_function("heard.change.at(-1).params.loras.wood === 1")
    server.detach_lora("mist")
    expect(mist).to_have_count(0)
    expect(page.get_by_role("switch", name="Woodcut")).to_be_checked()
    assert page.evaluate(f"JSON.stringify({EL}.params.loras)") == '{"wood":1}'
    page.get_by_label("Weight of Woodcut").fill("0.5")
    page.wait_for_function("JSON.stringify(heard.change.at(-1).params.loras) === '{\"wood\":0.5}'")
    assert page.evaluate("window.reloaded") is False
    assert page.locator(".notice:visible").count() == 0
