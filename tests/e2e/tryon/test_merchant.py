"""What a shop needs of ``<livedraft-tryon>``: garments, events, notice, limit, words."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Site
from tests.e2e.sheet import Open
from tests.e2e.tryon.shopping import (
    EL,
    HEAR,
    OWN_EVENTS,
    SHOP_EVENTS,
    WARDROBE,
    agree,
    garment,
    heard,
    shop_page,
    show_photo,
    wait_heard,
    wear,
)

THROWN = "(given) => { try { %s } catch (error) { return `${error.code} ${error.fix}` } }"


@pytest.fixture
def visit(site: Site, open_page: Open) -> Open:
    """Return a function that opens a page of the shop's own, given its body."""

    def visit(body: str, **how: Any) -> Page:
        page = f'<!doctype html><link rel="icon" href="data:,">{body}'
        return open_page(site.page(page), live=False, **how)

    return visit


def listening(page: Page) -> None:
    """Keep what the page hears from now on."""
    page.evaluate(HEAR, [SHOP_EVENTS, OWN_EVENTS])


def selected(page: Page) -> list[str]:
    found: list[str] = page.locator("[role=option][aria-selected=true]").evaluate_all(
        "all => all.map(each => each.dataset.sku)"
    )
    return found


def test_a_customer_tries_an_outfit_on_and_the_shop_hears_of_it_without_pictures(
    visit: Open, site: Site
) -> None:
    page = visit(shop_page(site.url))
    listening(page)
    show_photo(page)
    agree(page)
    wear(page, "Café tee")
    wait_heard(page, "tryon-shown")
    wear(page, "Jeans")
    wait_heard(page, "tryon-shown", 2)
    assert selected(page) == ["tee", "jeans"]
    wear(page, "Evening gown")
    wait_heard(page, "tryon-shown", 3)
    assert selected(page) == ["gown"]
    page.get_by_role("button", name="Add Evening gown to the cart").click()
    expect(page.get_by_role("button", name="Add Evening gown to the cart")).to_have_text("Added")
    assert [each["skus"] for each in heard(page, "tryon-start")] == [
        ["tee"],
        ["tee", "jeans"],
        ["gown"],
    ]
    assert all(isinstance(each["ms"], int) for each in heard(page, "tryon-shown"))
    [bought] = heard(page, "add-to-cart")
    assert bought == {
        "sku": "gown",
        "title": "Evening gown",
        "category": "dress",
        "price": "",
        "url": "",
    }
    assert heard(page, "ready")
    assert heard(page, "diagnostics")
    assert page.evaluate("pictures") == []


def test_a_try_that_fails_is_told_once_with_its_code(visit: Open, site: Site) -> None:
    lost = garment("lost", "upper", "Lost") | {"image": "data:image/png;base64,AAAA"}
    page = visit(shop_page(site.url, garments=[*WARDROBE, lost]))
    listening(page)
    show_photo(page)
    agree(page)
    page.evaluate(f"{EL}.wear('jeans', 'lost')")
    wait_heard(page, "tryon-failed")
    wear(page, "Café tee")
    wait_heard(page, "tryon-shown")
    [failed] = heard(page, "tryon-failed")
    assert failed["skus"] == ["lost", "jeans"]
    assert failed["code"] == "invalid_image"
    assert [each["skus"] for each in heard(page, "tryon-shown")] == [["tee", "jeans"]]
    assert page.evaluate("pictures") == []


def test_nothing_is_sent_before_the_notice_is_agreed_to(visit: Open, site: Site) -> None:
    lines: list[str] = []
    page = visit("")
    page.on("websocket", lambda line: lines.append(line.url))
    page.evaluate("html => document.body.innerHTML = html", shop_page(site.url, 'notice=" "'))
    page.add_script_tag(url=f"{site.url}/livedraft-tryon.js")
    show_photo(page)
    notice = page.get_by_role("alertdialog", name="Before you show yourself")
    expect(notice).to_contain_text("for nothing else")
    expect(notice).to_contain_text("stays on this device")
    expect(page.get_by_role("button", name="Understood, go on")).to_be_focused()
    page.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    assert lines == []
    assert page.evaluate(f"{EL}.diagnostics.photo") is None
    show_photo(page)
    agree(page)
    page.wait_for_function(f"{EL}.diagnostics.photo")
    page.evaluate(f"{EL}.forget()")
    show_photo(page)
    expect(notice).to_be_visible()  # who comes next is told anew


@pytest.mark.parametrize(
    ("attributes", "inside", "said"),
    [
        ('notice="We show you our clothes."', "", "We show you our clothes."),
        ("", '<p slot="notice">With <a href="/privacy">a link</a>.</p>', "With a link."),
        ("", '<p slot="notice"> </p>', "for nothing else"),
        ('notice="none"', "", "for nothing else"),
        ('notice="none" notice-reason=" "', "", "for nothing else"),
        ('notice="" notice-reason="we like it so"', "", "for nothing else"),
    ],
)
def test_the_notice_is_changed_but_not_lost_by_accident(
    visit: Open, site: Site, attributes: str, inside: str, said: str
) -> None:
    page = visit(shop_page(site.url, attributes, inside=inside), forgive="notice-reason")
    show_photo(page)
    notice = page.get_by_role("alertdialog")
    expect(notice.or_(page.get_by_text(said)).first).to_be_visible()
    expect(page.get_by_text(said)).to_be_visible()
    expect(notice).to_contain_text("stays on this device")


def test_a_notice_is_left_out_with_a_reason_alone(visit: Open, site: Site) -> None:
    page = visit(shop_page(site.url, 'notice="none" notice-reason="the page above tells"'))
    show_photo(page)
    page.wait_for_function(f"{EL}.diagnostics.photo")
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_a_limit_stops_what_is_new_and_says_for_how_long_a_reload_too(
    visit: Open, site: Site
) -> None:
    page = visit(shop_page(site.url, 'limit="2 per hour"'))
    listening(page)
    wear(page, "Shirt")  # without a photo nothing is tried on
    show_photo(page)
    agree(page)
    wait_heard(page, "tryon-shown")
    wear(page, "Café tee")
    wait_heard(page, "tryon-shown", 2)
    wear(page, "Jeans")
    expect(page.get_by_text("The next one is free in 60 minutes.")).to_be_visible()
    assert selected(page) == ["tee"]
    page.get_by_role("button", name="Take off Café tee").click()
    assert selected(page) == []
    page.reload()
    show_photo(page)
    agree(page)
    wear(page, "Jeans")
    expect(page.get_by_text("The next one is free in 60 minutes.")).to_be_visible()


def test_500_garments_load_what_comes_into_sight(visit: Open, site: Site) -> None:
    many = [garment(f"g{i}", "upper", f"Tee number {i}") for i in range(500)]
    page = visit(shop_page(site.url, garments=many))
    pictures = page.get_by_role("option").locator("img[src]")
    options = page.get_by_role("option")
    expect(options).to_have_count(500)
    expect(
        page.get_by_role("option", name="Tee number 0", exact=True).locator("img")
    ).to_have_attribute("src", many[0]["image"])
    assert pictures.count() < 60
    options.first.focus()
    page.keyboard.press("End")
    expect(options.last).to_be_focused()
    expect(options.last.locator("img")).to_have_attribute("src", many[0]["image"])
    assert pictures.count() < 120
    page.get_by_role("searchbox").fill("NUMBER 499")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(options).to_be_focused()


def test_a_picture_that_is_not_there_says_so(visit: Open, site: Site) -> None:
    lost = [garment("a", "upper", "Lost") | {"image": "/nothing.png"}]
    page = visit(shop_page(site.url, garments=lost), forgive="Failed to load")
    expect(page.get_by_role("option")).to_contain_text("No picture. Press to load it again.")


@pytest.mark.parametrize(
    ("given", "code", "fix"),
    [
        ([{"sku": "a", "image": "/a.png", "category": "uper"}], "garments_invalid", "'upper'"),
        ([{"image": "/a.png"}], "garments_invalid", "sku"),
    ],
)
def test_what_is_wrong_with_garments_is_said_to_the_pages_author(
    visit: Open, site: Site, given: Any, code: str, fix: str
) -> None:
    page = visit(shop_page(site.url))
    listening(page)
    thrown = page.evaluate(THROWN % f"{EL}.garments = given", given)
    assert thrown.startswith(code)
    assert fix in thrown
    assert selected(page) == []
    expect(page.get_by_role("option")).to_have_count(4)


def test_an_unknown_sku_names_the_one_that_was_meant(visit: Open, site: Site) -> None:
    page = visit(shop_page(site.url))
    attempt = THROWN % f"{EL}.wear(given)"
    assert page.evaluate(attempt, "teee") == "garment_unknown did you mean 'tee'?"
    assert page.evaluate(attempt, ["tee", "shirt"]).startswith("outfit_invalid")
    assert page.evaluate(attempt, ["jeans", "shirt"]) is None
    assert selected(page) == ["jeans", "shirt"]
    assert page.evaluate(attempt, []) is None
    assert selected(page) == []


def test_the_pages_language_is_spoken_and_single_words_are_the_shops(
    visit: Open, site: Site
) -> None:
    page = visit(shop_page(site.url))
    page.evaluate("document.documentElement.lang = 'de-AT'")
    page.evaluate(f"{EL}.words = {{ catalogue: {{ search: 'Stöbern' }} }}")
    expect(page.get_by_role("searchbox", name="Stöbern")).to_be_visible()
    expect(page.get_by_role("button", name="Oberteile")).to_be_visible()
    page.evaluate(f"{EL}.lang = 'ar'")
    expect(page.get_by_role("button", name="فساتين")).to_be_visible()
    first = page.get_by_role("option").first
    first.focus()
    page.keyboard.press("ArrowLeft")  # along the text
    expect(page.get_by_role("option").nth(1)).to_be_focused()
    boxes = [page.get_by_role("option").nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[1]["x"] < boxes[0]["x"]
