"""Loading, failing, coming back; languages and looks of ``<livedraft-head>``."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.camera.double import Double, double_server, track
from tests.e2e.conftest import Site
from tests.e2e.head.stage import HEAD, Visit, press, say, wait
from tests.e2e.sheet import PHONE, Open

from livedraft.protocol.messages import Error

TALKING = (
    track("speech", "in", "audio", rate=24_000.0, channels=1),
    track("picture", "out", "video"),
    track("sound", "out", "audio", rate=24_000.0, channels=1),
)


def test_before_the_first_picture_it_says_that_it_wakes_up(open_page: Open) -> None:
    double = Double(tracks=TALKING)
    with double_server(double) as url:
        page = open_page(f"{url}/head", live=False)
        expect(page.locator(".veil")).to_have_text("Waking up …")
        expect(page.get_by_role("img", name="Nothing to be seen yet")).to_be_visible()
        page.close()


def test_a_server_that_has_none_says_so_and_is_asked_again(open_page: Open) -> None:
    refusal = Error(code="model_not_found", message="no model 'head'", fix="", fatal=True)
    double = Double(tracks=TALKING, refuse=refusal)
    with double_server(double) as url:
        page = open_page(f"{url}/head", live=False)
        expect(page.get_by_role("alert")).to_contain_text("This server has no talking head.")
        expect(page.locator(".veil")).to_have_text("Not connected")
        double.refuse = None
        press(page, "Try again")
        expect(page.get_by_text("Waking up …")).to_be_visible()
        page.close()


def test_a_line_that_breaks_comes_back(open_page: Open) -> None:
    double = Double(tracks=TALKING)
    with double_server(double) as url:
        page = open_page(f"{url}/head", live=False)
        page.locator("livedraft-head").wait_for()
        wait(page, "d.state === 'open'")
        page.evaluate(
            f"""window.states = [];
            {HEAD}.addEventListener('diagnostics', ({{ detail }}) => states.push(detail.state))"""
        )
        double.hang_up()
        page.wait_for_function("states.includes('reconnecting') && states.at(-1) === 'open'")
        assert len(double.opens) == 2
        page.close()


def test_it_speaks_four_languages_and_runs_with_them(visit: Visit) -> None:
    page = visit("lang=de-AT")
    expect(page.get_by_role("button", name="Sprechen", exact=True)).to_be_visible()
    page.evaluate(f"{HEAD}.lang = 'ar'")
    expect(page.get_by_role("button", name="تكلّم", exact=True)).to_be_visible()
    assert page.evaluate(f"{HEAD}.shadowRoot.querySelector('.studio').dir") == "rtl"
    page.evaluate(f"{HEAD}.lang = 'ko'")
    expect(page.get_by_role("button", name="말하기", exact=True)).to_be_visible()
    page.evaluate(f"{HEAD}.lang = 'en'; {HEAD}.words = {{ say: {{ speak: 'Go' }} }}")
    expect(page.get_by_role("button", name="Go", exact=True)).to_be_visible()


def test_a_screen_reader_is_told_what_the_head_does(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_role("img", name="A face, at rest")).to_be_visible()
    say(page, "A sentence. Another one that is longer.")
    expect(page.get_by_role("img", name="A face that speaks")).to_be_visible()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("log")).to_have_text("A sentence.")
    expect(page.get_by_role("log")).to_have_text("Another one that is longer.")
    expect(page.get_by_role("img", name="A face, at rest")).to_be_visible()


def test_a_face_out_of_sight_rests_and_goes_on_when_it_is_seen(visit: Visit) -> None:
    page = visit()
    frames = f"{HEAD}.diagnostics.frames"
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=b style=height:9999px>')")
    page.evaluate("b.scrollIntoView({ block: 'end' })")
    page.wait_for_function(
        f"""() => {{ const now = {frames}; const rests = now === window.before;
        window.before = now; return rests; }}""",
        polling=500,
    )
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"{frames} > before + 5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_text_can_be_read_on_any_ground(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme, viewport=PHONE)
    assert page.evaluate(f"{HEAD}.shadowRoot.querySelector('.studio').dataset.theme") == scheme
    press(page, "Voice and manner")
    expect(page.get_by_role("slider", name="Speed")).to_be_visible()


def test_the_servers_own_page_has_it(site: Site, open_page: Open) -> None:
    visit: partial[Page] = partial(open_page, f"{site.url}/head")
    page = visit(live=False)
    page.locator("livedraft-head").wait_for()  # its page asks for the models first
    wait(page, "d.frames > 0")
    expect(page.get_by_role("link", name="Camera")).to_be_visible()


def test_an_element_that_is_taken_out_lets_all_go(site: Site, visit: Visit) -> None:
    page = visit()
    page.evaluate(f"window.head = {HEAD}; head.speak('a b c d'); head.remove()")
    page.wait_for_function("head.diagnostics.state === 'closed'")
    page.evaluate("document.body.append(head)")
    wait(page, "d.frames > 0")
