"""``<livedraft-sketch>`` as frameworks use it: properties, early values, remounts, two scripts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.e2e.sheet import EL, LINE, PICTURE, Open, listen, stroke, wait_dark


def test_a_models_style_is_no_css(visit: Open, paintbox: str) -> None:
    page = visit(
        f'<script src="{paintbox}/livedraft.js"></script><livedraft-sketch url="{paintbox}"'
        ' picture-style="shaded" style="color: red"></livedraft-sketch>'
    )
    assert page.evaluate(f"{EL}.params.style") == "shaded"
    assert page.evaluate(f"{EL}.style.color") == "red"


def test_the_former_attribute_is_told_once(visit: Open, paintbox: str) -> None:
    said: list[str] = []
    page = visit(
        f'<livedraft-sketch url="{paintbox}" style="flat"></livedraft-sketch>',
        live=False,
        forgive="picture-style",
    )
    page.on("console", lambda message: said.append(message.text))
    page.add_script_tag(url=f"{paintbox}/livedraft.js")
    page.locator(".pill[data-state=open]").wait_for()
    page.evaluate("document.body.append(document.querySelector('livedraft-sketch').cloneNode())")
    page.locator(".pill[data-state=open]").nth(1).wait_for()
    assert len([text for text in said if "picture-style" in text]) == 1


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [
        ("pictureStyle", "noto", "noto"),
        ("palette", ["#e5484d", "#3b82f6"], "#e5484d #3b82f6"),
        ("loras", {"wood": 0.5}, "wood:0.5"),
        ("seed", 7, "7"),
        ("locked", True, ""),
        ("locked", False, None),
        ("refineWhen", "rest", "rest"),
        ("height", 300, "300"),
    ],
)
def test_each_attribute_has_a_property(
    open_page: Open, paintbox: str, name: str, value: Any, attribute: str | None
) -> None:
    page = open_page(paintbox)
    page.evaluate(
        "([element, name, value]) => { element[name] = value }",
        [
            page.evaluate_handle(EL),
            name,
            value,
        ],
    )
    kebab = "".join(f"-{each.lower()}" if each.isupper() else each for each in name)
    assert page.evaluate(f"{EL}.getAttribute('{kebab}')") == attribute
    param = {"pictureStyle": "style"}.get(name, name)
    if param in page.evaluate(f"{EL}.params"):
        assert page.evaluate(f"{EL}.params.{param}") == value


def test_no_attribute_shares_its_name_with_a_method_or_with_html(
    open_page: Open, paintbox: str
) -> None:
    """A framework that finds a property sets it: it must be ours, and must not be a method."""
    page = open_page(paintbox)
    clashes = page.evaluate(f"""() => {{
        const {{ constructor }} = {EL};
        const name = (each) => each.replace(/-(\\w)/g, (_, letter) => letter.toUpperCase());
        return constructor.observedAttributes.map(name).filter((each) =>
          each in HTMLElement.prototype || typeof {EL}[each] === 'function'); }}""")
    assert clashes == []


def test_what_was_set_before_the_script_came_counts(visit: Open, paintbox: str) -> None:
    page = visit("", live=False)
    page.evaluate(f"""() => {{
        const el = document.createElement('livedraft-sketch');
        el.setAttribute('url', '{paintbox}');
        el.params = {{ prompt: 'a green frog', seed: 7 }};
        el.palette = ['#3f9f56'];
        el.examples = [{{ name: 'hill', strokes: [{{ points: [[.2, .5], [.8, .5]] }}] }}];
        document.body.append(el); }}""")
    page.add_script_tag(url=f"{paintbox}/livedraft.js")
    page.get_by_role("button", name="Draw hill").wait_for()
    page.locator(".pill[data-state=open]").wait_for()
    params = page.evaluate(f"{EL}.params")
    assert (params["prompt"], params["seed"], params["palette"]) == ("a green frog", 7, ["#3f9f56"])
    page.evaluate(f"{EL}.params = {{ seed: 8 }}")
    assert page.evaluate(f"{EL}.params.seed") == 8


def test_a_strict_remount_leaves_one_that_works(visit: Open, url: str) -> None:
    """As React's StrictMode mounts: in, out and in again."""
    page = visit(f'<script src="{url}/livedraft.js"></script><main></main>', live=False)
    page.evaluate(f"""async () => {{
        const el = document.createElement('livedraft-sketch');
        el.setAttribute('url', '{url}');
        const main = document.querySelector('main');
        main.append(el); el.remove(); main.append(el);
        await new Promise((done) => setTimeout(done));
        el.remove(); main.append(el); }}""")
    page.locator(".pill[data-state=open]").wait_for()
    listen(page, "change")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
    page.wait_for_function("heard.change.length === 1")


def test_two_scripts_in_a_page_get_along(visit: Open, url: str) -> None:
    page = visit(
        f'<script src="{url}/livedraft.js"></script>'
        f'<script type="module">import {{ LivedraftSketch }} from "{url}/livedraft.mjs";'
        f'window.made = new LivedraftSketch(); made.url = "{url}"; document.body.append(made);'
        f'</script><script src="{url}/livedraft.js?again"></script>'
    )
    assert page.evaluate("made instanceof customElements.get('livedraft-sketch')")
    stroke(page, *LINE)
    wait_dark(page, PICTURE, 0.5, 0.5)
