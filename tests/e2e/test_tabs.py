"""Several tabs of one page: none writes over what another has drawn."""

from __future__ import annotations

from playwright.sync_api import Page
from tests.e2e.conftest import Site
from tests.e2e.own import ALL, SCRIPT, SKETCH, counts, draw, wait_loaded
from tests.e2e.sheet import Open, stroke

OWN = f"{SCRIPT}{SKETCH}"


def tab(open_page: Open, url: str, beside: Page | None = None) -> Page:
    page = open_page(url, beside=beside)
    wait_loaded(page)
    return page


def tabs(open_page: Open, site: Site, count: int) -> list[Page]:
    """Return so many tabs of a page, opened one after the other."""
    url = site.page(OWN)
    first = tab(open_page, url)
    return [first, *(tab(open_page, url, first) for _ in range(count - 1))]


def again(page: Page) -> list[int]:
    page.reload()
    wait_loaded(page)
    return counts(page)


def test_tabs_that_draw_at_once_keep_each_its_own(open_page: Open, site: Site) -> None:
    first, second, third = tabs(open_page, site, 3)
    draw(first, strokes=1)
    draw(second, strokes=2)
    draw(third, strokes=3)
    draw(first, strokes=4)
    for _ in range(2):
        assert [again(page) for page in (first, second, third)] == [[5], [2], [3]]


def test_a_tab_that_goes_on_with_a_drawing_leaves_the_other_alone(
    open_page: Open, site: Site
) -> None:
    url = site.page(OWN)
    first = tab(open_page, url)
    draw(first)
    second = tab(open_page, url, first)
    assert counts(second) == [1]
    draw(second)  # has seen what there is
    draw(first, strokes=3)  # has not
    assert (again(first), again(second)) == ([4], [2])


def test_a_tab_that_only_looks_sees_the_newest_after_a_reload(open_page: Open, site: Site) -> None:
    first, second = tabs(open_page, site, 2)
    draw(first, strokes=2)
    assert again(second) == [2]
    draw(first)
    assert (again(first), again(second)) == ([3], [3])


def test_a_new_tab_has_the_newest_and_offers_the_others(open_page: Open, site: Site) -> None:
    first, second, third = tabs(open_page, site, 3)
    draw(first, strokes=2)
    draw(second, strokes=3)
    draw(third, strokes=4)
    for page in (first, second, third):
        page.close()
    fresh = tab(open_page, site.page(OWN), first)
    assert counts(fresh) == [4]
    for whole in (4 + 1 + 3, 4 + 1 + 3 + 1 + 2):  # a clear, which undo takes back, and theirs
        fresh.get_by_role("button", name="Show it").click()
        fresh.wait_for_function(f"(n) => ({ALL})()[0].diagnostics.operations === n", arg=whole)
    fresh.get_by_text("another drawing").wait_for(state="hidden")
    fresh.wait_for_function(f"() => ({ALL})()[0].diagnostics.kept === 'kept'")
    # There is one drawing now, with the other under it.
    last = tab(open_page, site.page(OWN), first)
    assert counts(last) == [11]
    assert last.get_by_role("button", name="Show it").is_hidden()


def test_tabs_that_are_closed_in_the_middle_of_a_stroke_lose_neither(
    open_page: Open, site: Site
) -> None:
    first, second = tabs(open_page, site, 2)
    for page, strokes in ((first, 2), (second, 3)):
        page.evaluate(
            "() => { IDBObjectStore.prototype.put = () => { throw new Error('too late'); }; }"
        )
        for n in range(strokes):
            stroke(page, (0.1, 0.1 + 0.1 * n), (0.5, 0.2), up=n < strokes - 1)
    assert (again(first), again(second)) == ([2], [3])
