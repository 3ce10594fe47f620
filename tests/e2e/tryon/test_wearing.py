"""What is worn is looked at, put right by hand, finished, saved; and forgotten without a trace."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.e2e.sheet import PHONE
from tests.e2e.tryon.shop import (
    BLUE,
    GREY,
    RED,
    ROOT,
    TRY,
    Visit,
    agree,
    frames,
    near,
    picture,
    pixel,
    saved,
    settle,
    show,
    wear,
)

from livedraft.media.recipes import from_exif


def test_before_and_after_are_compared_by_keyboard(visit: Visit) -> None:
    page = visit()
    show(page)
    wear(page, "tee")
    page.get_by_role("radio", name="Compare").click()
    slider = page.get_by_role("slider", name="Before and after")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "60 % of the picture before")
    assert (
        page.evaluate(f"{ROOT}.querySelector('.stage').style.getPropertyValue('--split')") == "60%"
    )
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 % of the picture before")
    page.get_by_role("radio", name="Side by side").click()
    stage = page.locator(".stage").bounding_box()
    assert stage is not None
    assert stage["width"] / stage["height"] == pytest.approx(1.5, abs=0.02)
    page.get_by_role("radio", name="What changes").click()
    found = pixel(page, 0.5, 0.5)
    assert found[0] > 150 > max(found[1:3]), "a tint, and not the garment"
    assert near(pixel(page, 0.1, 0.1), GREY)


def test_two_garments_are_worn_and_taken_off(visit: Visit) -> None:
    page = visit()
    show(page)
    wear(page, "tee", "jeans")
    assert near(pixel(page, 0.5, 0.5), RED)
    assert near(pixel(page, 0.5, 0.9), BLUE)
    assert page.evaluate(f"{TRY}.diagnostics.worn") == ["tee", "jeans"]
    before = frames(page)
    page.get_by_role("option", name="Jeans").click()
    settle(page, before)
    assert near(pixel(page, 0.5, 0.9), GREY)
    page.get_by_role("option", name="Tee").click()
    page.wait_for_function(f"{TRY}.diagnostics.worn.length === 0")
    assert near(pixel(page, 0.5, 0.5), GREY)


def test_a_mask_by_hand_is_painted_erased_and_taken_back(visit: Visit) -> None:
    page = visit()
    show(page)
    wear(page, "tee")
    page.get_by_role("button", name="Paint what may change").click()
    paper = page.get_by_role("application", name="Your photo, to paint on")
    box = paper.bounding_box()
    assert box is not None
    width, height = box["width"], box["height"]
    paper.hover(position={"x": width * 0.5, "y": height * 0.1})
    before = frames(page)
    page.mouse.down()
    paper.hover(position={"x": width * 0.55, "y": height * 0.1})
    paper.hover(position={"x": width * 0.6, "y": height * 0.1})
    page.mouse.up()
    settle(page, before)
    assert near(pixel(page, 0.55, 0.1), RED), "it may change there now"
    page.get_by_role("radio", name="Must stay").click()
    paper.focus()
    before = frames(page)
    page.keyboard.press("Space")
    settle(page, before)
    assert near(pixel(page, 0.6, 0.1), GREY), "the brush was there"
    page.get_by_role("button", name="Automatic again").click()
    page.wait_for_function(f"!{TRY}.diagnostics.busy")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    assert near(pixel(page, 0.55, 0.1), GREY)


def test_points_of_the_garment_and_the_body_are_moved_by_keys(visit: Visit) -> None:
    page = visit()
    show(page)
    wear(page, "tee")
    page.get_by_role("button", name="Move the garment's points").click()
    page.get_by_role("button", name="L hem").focus()
    before = frames(page)
    page.keyboard.press("Shift+ArrowRight")
    settle(page, before)
    assert page.evaluate(f"{TRY}.params.points") == {"l_hem": [0.35, 0.9]}
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Move your body's points").click()
    page.get_by_role("button", name="Left shoulder").hover()
    before = frames(page)
    page.mouse.down()
    stage = page.locator(".over > .dots")
    stage.hover(position={"x": 60, "y": 200}, force=True)
    page.mouse.up()
    settle(page, before)
    assert near(pixel(page, 0.12, 0.5), RED), "it moved with the body"


def test_of_several_people_one_is_taken(visit: Visit) -> None:
    page = visit("""params='{"remarks": "several_people:subject people"}'""")
    show(page)
    wear(page, "tee")
    before = frames(page)
    page.get_by_role("button", name="Person 2 of 2, from the left").click()
    settle(page, before)
    assert near(pixel(page, 0.8, 0.5), RED)
    assert near(pixel(page, 0.3, 0.5), GREY)
    expect(page.get_by_role("button", name="Person 1 of 2, from the left")).to_be_hidden()
    expect(page.get_by_text("There are several people in this photo.")).to_be_visible()


def test_a_note_leads_to_the_tool_that_puts_it_right(visit: Visit) -> None:
    page = visit("""params='{"remarks": "arm_unseen:joints"}'""")
    show(page)
    wear(page, "tee")
    note = page.locator(".notes")
    expect(note).to_contain_text("An arm cannot be seen")
    note.get_by_role("button").click()
    expect(page.get_by_role("button", name="Right shoulder")).to_be_visible()


def test_the_finished_picture_is_saved_at_full_size_with_recipe_and_mark(visit: Visit) -> None:
    page = visit()
    exif = Image.Exif()
    exif[0x010F] = "A camera of mine"
    show(page, picture((1800, 2400), kind="JPEG", exif=exif))
    wear(page, "tee")
    page.get_by_role("button", name="Finish the picture").click()
    expect(page.locator(".front > .unseen")).to_have_text("The finished picture is there.")
    png = saved(page, "Save as PNG")
    jpeg = saved(page, "Save as JPEG")
    for data in (png, jpeg):
        opened = Image.open(io.BytesIO(data))
        assert opened.size == (1800, 2400)
        assert near(list(opened.convert("RGB").crop((900, 1200, 901, 1201)).tobytes()), RED)
        assert b"compositeWithTrainedAlgorithmicMedia" in data
        assert b"A camera of mine" not in data
    recipes = [
        json.loads(Image.open(io.BytesIO(png)).info["livedraft"]),
        json.loads(from_exif(Image.open(io.BytesIO(jpeg)).info["exif"])),
    ]
    for recipe in recipes:
        assert recipe["skus"] == ["tee"]
        assert recipe["stage"] == "final"
        assert not {"joints", "subject"} & recipe["params"].keys()
        assert "inputs" not in recipe


def test_forget_me_leaves_nothing(visit: Visit) -> None:
    page = visit()
    show(page)
    wear(page, "tee")
    page.get_by_role("button", name="Paint what may change").click()
    page.get_by_role("button", name="Forget me").click()
    expect(page.get_by_text("See it on yourself")).to_be_visible()
    sizes = page.evaluate(
        f"[...{ROOT}.querySelectorAll('.stage canvas')].map((each) => each.width * each.height)"
    )
    assert set(sizes) == {0}
    assert page.evaluate(f"{TRY}.diagnostics.state") == "closed"
    assert page.evaluate(f"[{TRY}.diagnostics.photo, {TRY}.params.subject]") == [None, None]
    fields = page.evaluate(f"[...{ROOT}.querySelectorAll('input[type=file]')].map((f) => f.value)")
    assert set(fields) == {""}
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert page.evaluate("indexedDB.databases()") == []
    told = page.evaluate("JSON.stringify(told)")
    assert "data:image" not in told
    assert "blob:" not in told
    show_after_forgetting(visit)


def show_after_forgetting(visit: Visit) -> None:
    """A customer who comes back begins anew, with a session of her own."""
    page = visit()
    show(page)
    wear(page, "jumper")
    page.evaluate(f"{TRY}.forget()")
    assert page.evaluate(f"{TRY}.diagnostics.worn") == []
    page.evaluate(f"{TRY}.takePhoto()")
    agree(page)  # who comes next may be somebody else
    page.wait_for_function(f"{TRY}.diagnostics.camera === 'live'")
    page.evaluate(f"{TRY}.forget()")
    assert page.evaluate(f"{TRY}.diagnostics.camera") == "stopped"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_controls_are_a_sheet_and_everything_is_reached(
    visit: Visit, scheme: str
) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    show(page)
    wear(page, "tee")
    theme = "livedraft-tryon [part=studio]"
    expect(page.locator(theme)).to_have_attribute("data-theme", scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sheet = page.locator(".sheet").bounding_box()
    assert sheet is not None
    assert sheet["y"] + sheet["height"] <= PHONE["height"] + 1, "at the foot of the screen"
    page.get_by_role("button", name="Adjust", exact=True).click()
    expect(page.get_by_role("slider", name="Fit")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.get_by_role("button", name="Finish and save", exact=True).click()
    expect(page.get_by_role("button", name="Forget me")).to_be_visible()
    small = page.evaluate(
        f"""[...{ROOT}.querySelectorAll('button, [role=radio]')].filter((each) =>
            each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
            .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert small == [], "a finger hits everything"


def test_in_arabic_all_runs_from_right_to_left(visit: Visit) -> None:
    page = visit('lang="ar"')
    show(page)
    wear(page, "tee")
    stage, sheet = (page.locator(each).bounding_box() for each in (".stage", ".sheet"))
    assert stage is not None
    assert sheet is not None
    assert sheet["x"] < stage["x"]
    page.get_by_role("radio").nth(1).click()
    slider = page.locator(".divide")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_js_property("value", "51")
    page.evaluate(f"{TRY}.lang = 'de'")
    expect(page.get_by_role("button", name="Mein Foto löschen")).to_be_attached()
