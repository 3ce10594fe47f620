"""How a customer shows herself: by file, paste, drop or camera; what is refused, in plain words."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.sheet import PIXEL
from tests.e2e.tryon.shop import (
    GREY,
    RED,
    ROOT,
    TRY,
    Visit,
    agree,
    choose,
    near,
    picture,
    pixel,
    settle,
    show,
    wear,
)

GIVE = """([type, bytes, on]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'me.png', { type: 'image/png' }));
    const more = type === 'paste' ? { clipboardData: data } : { dataTransfer: data };
    eval(on).dispatchEvent(new (type === 'paste' ? ClipboardEvent : DragEvent)(type,
        { bubbles: true, cancelable: true, composed: true, ...more })); }"""


def test_a_photo_is_chosen_and_a_garment_is_worn_on_it(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_text("See it on yourself")).to_be_visible()
    show(page)
    expect(page.get_by_text("Now choose something to wear.")).to_be_visible()
    page.get_by_role("option", name="Tee").click()
    settle(page)
    assert near(pixel(page, 0.5, 0.5), RED)
    assert near(pixel(page, 0.1, 0.1), GREY)
    names = [name for name, _ in page.evaluate("told") if name.startswith("tryon")]
    assert names == ["tryon-start", "tryon-shown"]
    expect(page.locator(".front > .unseen")).to_have_text("You are wearing Tee now.")


@pytest.mark.parametrize(
    ("way", "on"), [("paste", TRY), ("drop", f"{ROOT}.querySelector('.stage')")]
)
def test_a_photo_is_pasted_or_dropped(visit: Visit, way: str, on: str) -> None:
    page = visit()
    page.evaluate(GIVE, [way, list(picture((300, 400))), on])
    agree(page)
    page.wait_for_function(f"{TRY}.diagnostics.photo")
    assert page.evaluate(f"{TRY}.diagnostics.photo") == [300, 400]


def test_nothing_is_taken_before_the_customer_agrees(visit: Visit) -> None:
    page = visit()
    choose(page, picture())
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("See it on yourself")).to_be_visible()
    assert page.evaluate(f"{TRY}.diagnostics") | {
        "state": "closed",
        "photo": None,
    } == page.evaluate(f"{TRY}.diagnostics")


def test_a_photo_is_upright_and_stays_at_its_full_size(visit: Visit) -> None:
    page = visit()
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    sideways = Image.new("RGB", (3000, 2000), (0, 0, 0))
    sideways.paste((255, 255, 255), (0, 0, 1500, 2000))
    file = io.BytesIO()
    sideways.save(file, "JPEG", exif=exif)
    show(page, file.getvalue())
    assert page.evaluate(f"{TRY}.diagnostics.photo") == [2000, 3000]
    wear(page, "tee")
    assert near(pixel(page, 0.5, 0.1), (255, 255, 255))
    assert near(pixel(page, 0.5, 0.9), (0, 0, 0))


REFUSED = [
    (b"GIF89a a film", "This picture cannot be used. Choose a photo as PNG, JPEG or WebP."),
    (picture()[:300], "This picture is damaged. Choose another one."),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30", "This picture is too large."),
]


@pytest.mark.parametrize(("data", "words"), REFUSED)
def test_what_is_no_photo_is_refused_with_a_way_out(visit: Visit, data: bytes, words: str) -> None:
    page = visit()
    choose(page, data)
    agree(page)
    expect(page.get_by_role("alert")).to_contain_text(words)
    [error] = [detail for name, detail in page.evaluate("told") if name == "error"]
    assert error["code"] == "invalid_image"
    show_again(page)


def show_again(page: Page) -> None:
    """Choose another photo: the notice is gone, and what was wrong, too."""
    choose(page, picture())
    page.wait_for_function(f"{TRY}.diagnostics.photo")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_camera_is_a_mirror_and_its_still_the_photo(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Use the camera as a mirror").click()
    agree(page)
    page.wait_for_function(f"{TRY}.diagnostics.camera === 'live'")
    page.evaluate(f"{TRY}.wear('tee')")
    reflection = f"{ROOT}.querySelector('canvas.reflection')"
    page.wait_for_function(f"{reflection}.width && ({PIXEL})({reflection}, 0.5, 0.5)[0] > 150")
    r, g, b, _ = pixel(page, 0.25, 0.9, "canvas.reflection")
    assert g > 100 > max(r, b), "the fake camera's green"
    expect(page.locator(".mirror")).to_have_attribute("data-mirror", "")
    page.get_by_role("button", name="Take the photo").click()
    page.wait_for_function(f"{TRY}.diagnostics.photo && {TRY}.diagnostics.camera === 'stopped'")
    width, height = page.evaluate(f"{TRY}.diagnostics.photo")
    assert width > height >= 720
    page.wait_for_function(f"{TRY}.diagnostics.worn.length === 1 && !{TRY}.diagnostics.busy")
    assert near(pixel(page, 0.5, 0.5), RED)


def test_the_mirror_goes_by_webrtc_where_the_shop_wants_it(visit: Visit) -> None:
    page = visit("transport=webrtc")
    page.get_by_role("button", name="Use the camera as a mirror").click()
    agree(page)
    page.evaluate(f"{TRY}.wear('tee')")
    reflection = f"{ROOT}.querySelector('canvas.reflection')"
    page.wait_for_function(f"{reflection}.width && ({PIXEL})({reflection}, 0.5, 0.5)[0] > 150")
    assert page.evaluate(f"{TRY}.diagnostics.transport") == "webrtc"


def test_without_a_server_that_is_said_in_plain_words(visit: Visit) -> None:
    page = visit('url="http://127.0.0.1:9"', forgive="ERR_")
    choose(page, picture())
    agree(page)
    expect(page.get_by_role("alert")).to_contain_text("does not answer at the moment")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_where_nobody_is_seen_nothing_is_worn_and_another_photo_helps(visit: Visit) -> None:
    page = visit("""params='{"remarks": "no_person:subject"}'""")
    show(page)
    page.evaluate(f"{TRY}.wear('tee')")
    expect(page.locator(".notes")).to_contain_text("Nobody can be seen in this photo.")
    expect(page.locator(".notes").get_by_role("button")).to_have_count(0)
    assert page.evaluate(f"{TRY}.diagnostics.worn") == []
    expect(page.get_by_role("button", name="Finish the picture")).to_be_disabled()
    expect(page.get_by_role("button", name="Another photo")).to_be_visible()


def test_a_refusal_below_a_tall_photo_comes_into_sight(visit: Visit) -> None:
    page = visit(viewport={"width": 1100, "height": 420})
    show(page)
    choose(page, b"GIF89a a film")
    expect(page.get_by_role("alert")).to_be_in_viewport()


def test_a_panorama_goes_up_so_large_that_people_in_it_are_no_specks(visit: Visit) -> None:
    page = visit()
    sent: list[str | bytes] = []
    page.on("websocket", lambda line: line.on("framesent", lambda data: sent.append(data)))
    show(page, picture((4000, 700)))
    wear(page, "tee")
    start = b"\xff\xd8\xff"  # of a JPEG
    photos = [
        each[each.index(start) :] for each in sent if isinstance(each, bytes) and start in each
    ]
    assert {Image.open(io.BytesIO(each)).size for each in photos} == {(1171, 205)}
