"""Who speaks: an avatar, or a portrait that is asked about, and of which no word is kept."""

from __future__ import annotations

import base64
import io

from PIL import Image
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Site
from tests.e2e.head.stage import HEAD, Visit, press, say, told, wait
from tests.e2e.head.test_talking import drop
from tests.e2e.sheet import PIXEL
from tests.e2e.talk import overhear

from livedraft.protocol.messages import Input, ParamsUpdate

QUESTION = "Is this your face, or do you have the person’s consent?"
AGREED = "It is me, it is nobody, or the person agreed"
CANVAS = f"{HEAD}.shadowRoot.querySelector('canvas.picture')"


def portrait(colour: str = "red", kind: str = "png") -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (300, 400), colour).save(file, kind)
    return file.getvalue()


def colour(page: Page) -> list[int]:
    """Return the colour of the face's forehead."""
    found: list[int] = page.evaluate(f"({PIXEL})({CANVAS}, 0.5, 0.2)")
    return found


def wait_red(page: Page) -> None:
    page.wait_for_function(
        f"() => {{ const [r, g] = ({PIXEL})({CANVAS}, 0.5, 0.2); return r > 150 && g < 100; }}"
    )


def wait_blue(page: Page) -> None:
    page.wait_for_function(
        f"() => {{ const [r, , b] = ({PIXEL})({CANVAS}, 0.5, 0.2); return b > 200 && r < 130; }}"
    )


def test_an_avatar_is_chosen_by_mouse_and_keys(visit: Visit) -> None:
    page = visit()
    wait_blue(page)
    faces = page.get_by_role("radiogroup", name="Face")
    expect(faces.get_by_role("radio", name="Ada")).to_be_checked()
    faces.get_by_role("radio", name="Kofi").click()
    page.wait_for_function(f"() => ({PIXEL})({CANVAS}, 0.5, 0.2)[0] > 200")
    page.keyboard.press("ArrowLeft")
    wait_blue(page)
    page.evaluate(f"{HEAD}.avatar = 'lena'")
    page.wait_for_function(f"() => ({PIXEL})({CANVAS}, 0.5, 0.2)[1] > 180")
    expect(faces.get_by_role("radio", name="Lena")).to_be_checked()


def test_a_portrait_is_asked_about_sent_with_consent_and_taken_back(visit: Visit) -> None:
    page = visit()
    drop(page, portrait(), "me.png", "image/png")
    question = page.get_by_role("alertdialog", name=QUESTION)
    expect(question).to_contain_text("The picture stays on this device.")
    use = page.get_by_role("button", name="Use this picture")
    expect(use).to_be_disabled()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    wait_blue(page)
    drop(page, portrait(), "me.png", "image/png")
    page.get_by_label(AGREED).focus()
    page.keyboard.press("Space")
    use.click()
    wait_red(page)
    wait(page, "d.portrait")
    expect(page.get_by_role("radio", name="Your portrait")).to_be_checked()
    page.get_by_role("radio", name="Ada").click()
    wait_blue(page)
    wait(page, "!d.portrait")
    assert told(page, "error") == []


def test_consent_goes_with_the_portrait_and_nothing_before_it(site: Site, visit: Visit) -> None:
    page = visit()
    sent, _ = overhear(page)
    page.reload()
    wait(page, "d.frames > 0")
    drop(page, portrait(), "me.png", "image/png")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    assert not [each for each in sent if isinstance(each, Input) and each.inputs]
    page.get_by_label(AGREED).check()
    press(page, "Use this picture")
    wait_red(page)
    inputs = [each for each in sent if isinstance(each, Input)]
    updates = [each for each in sent if isinstance(each, (Input, ParamsUpdate))]
    assert [*inputs[0].inputs] == ["portrait"]
    assert any(each.params.get("consent") for each in updates)


def test_a_page_that_vouches_for_consent_is_not_asked(visit: Visit, site: Site) -> None:
    page = visit(
        "consent portrait='data:image/png;base64," + base64.b64encode(portrait()).decode() + "'"
    )
    wait_red(page)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    say(page, "Hello")
    wait(page, "d.words === 1")


def test_what_is_no_picture_is_told_and_the_face_stays(visit: Visit) -> None:
    page = visit("consent")
    for content, name, said in (
        (b"GIF89a no", "a.gif", "This is neither a picture nor sound."),
        (portrait()[:200], "b.png", "This picture is damaged."),
    ):
        drop(page, content, name, "image/png")
        expect(page.get_by_role("alert")).to_contain_text(said)
        press(page, "Dismiss")
    wait_blue(page)
    assert {each["code"] for each in told(page, "error")} == {"no_picture", "damaged"}


def test_a_portrait_comes_back_with_the_line(visit: Visit) -> None:
    page = visit("consent")
    drop(page, portrait(), "me.png", "image/png")
    wait_red(page)
    page.evaluate(f"{HEAD}.setAttribute('token', 'another')")  # another session
    page.wait_for_function(f"{HEAD}.diagnostics.frames < 5")
    wait_red(page)
    wait(page, "d.portrait")
