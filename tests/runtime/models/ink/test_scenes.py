"""Prompts that name several things: all of them, rightly placed, each in its own colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.scenes.composing import LineArt
from livedraft.runtime.models.ink.scenes.drawings import Drawings
from livedraft.runtime.models.ink.scenes.mentions import read_scene
from livedraft.runtime.models.ink.scenes.scenes import MOST, Scene
from livedraft.runtime.models.ink.words.prompt import read_prompt
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.ink.words.vocabulary import Match, Words

WORDS = Words.read(WEIGHTS / "words.json")
READ = {
    "a cat and a dog": [("beside", "cat", 1), ("beside", "dog", 1)],
    "two red apples": [("beside", "red apple", 2)],
    "a cat, a dog and 3 birds": [("beside", "cat", 1), ("beside", "dog", 1), ("beside", "bird", 3)],
    "a fox sitting in a boat": [("beside", "fox", 1), ("in", "boat", 1)],
    "a car in front of the house": [("beside", "car", 1), ("before", "house", 1)],
    "a cat on top of a box next to a tree": [
        ("beside", "cat", 1),
        ("on", "box", 1),
        ("beside", "tree", 1),
    ],
    "a city at night": [("beside", "city", 1), ("", "night", 1)],
    "a cup of coffee & a croissant": [("beside", "cup of coffee", 1), ("beside", "croissant", 1)],
    "🐱 and 🐶": [("beside", "cat face", 1), ("beside", "dog face", 1)],
    "": [],
    "and, with; of": [],
}
TOLD = {
    "a cat and a dog": "Drawn: cat and dog.",
    "a cat, a dog and a tree": "Drawn: cat, dog and deciduous tree.",
    "two apples": "Drawn: 2 x red apple.",
    "a cat, a dog and a knight": "Drawn: cat and dog. Not drawn: “knight”.",
    "ten apples": f"Drawn: {MOST} x red apple. No more than {MOST} are.",
    "a fox in a boat": "Drawn: fox and canoe.",
    "a girl with brown hair and a dog": "Drawn: girl and dog.",
    "a cat and a dog with glasses": "Drawn: cat and dog. Not drawn: “glass”.",
}
ONE = [
    "a cat",
    "a red cat",
    "a house with a garden",
    "fork and knife",
    "couch and lamp",
    "ten o'clock",
    "two-hump camel",
    "an apple tree with red apples and a brown trunk",
    "a girl with brown hair and green eyes",
    "a castle on a hill",
    "a king with a crown",
    "a city at night",
    "a bowl of ramen",
]
Mask = NDArray[np.bool_]


@pytest.fixture(scope="module")
def table() -> TextTable:
    return TextTable.load(WEIGHTS)


@pytest.fixture(scope="module")
def drawings(table: TextTable) -> Drawings:
    return Drawings(WEIGHTS / "drawings.zip", table, WORDS)


def scene(drawings: Drawings, said: str, seed: int = 42) -> Scene:
    found = drawings.find(read_prompt(said, TextTable.load(WEIGHTS), WORDS), seed)
    assert found.scene is not None
    assert found.pixels is found.scene.pixels
    return found.scene


def seen(scene: Scene, thing: int) -> Mask:
    """Return where a thing is on the page, (256, 256), what hides it disregarded."""
    found = np.zeros((256, 256), np.float32)
    for piece in scene.pieces:
        if piece.thing == thing and not piece.front:
            found += cv2.warpAffine(piece.solid.astype(np.float32), piece.at, (256, 256))
    return found > 0.5


def box(mask: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom."""
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


@pytest.mark.parametrize(("said", "read"), READ.items())
def test_a_prompt_is_read_as_things_and_where_they_are(
    said: str, read: list[tuple[str, str, int]]
) -> None:
    assert [(one.relation, one.words, one.count) for one in read_scene(said)] == read


@pytest.mark.parametrize(("said", "message"), TOLD.items())
def test_what_was_drawn_and_what_was_not_is_told(
    drawings: Drawings, said: str, message: str
) -> None:
    note = scene(drawings, said).note
    assert (note["code"], note["message"]) == ("scene", message)


@pytest.mark.parametrize("said", ONE)
def test_one_thing_and_its_parts_are_one_drawing(
    drawings: Drawings, table: TextTable, said: str
) -> None:
    found = drawings.find(read_prompt(said, table, WORDS), 42)
    assert found.scene is None
    assert len(found.labels) == 1


def test_a_known_and_an_unknown_thing_draw_the_known_one_and_say_so(
    drawings: Drawings, table: TextTable
) -> None:
    found = drawings.find(read_prompt("a cat and a knight", table, WORDS), 42)
    assert found.labels == ("cat",)
    assert "There is no drawing of “knight”" in found.notes[0]["message"]


def test_beside_is_on_the_same_ground_without_touching(drawings: Drawings) -> None:
    made = scene(drawings, "a house beside a tree")
    house, tree = box(seen(made, 0)), box(seen(made, 1))
    assert house[2] < tree[0]
    assert abs(house[3] - tree[3]) <= 3


def test_on_touches_what_it_stands_on(drawings: Drawings) -> None:
    made = scene(drawings, "a bird on a house")
    bird, house = seen(made, 0), seen(made, 1)
    assert box(bird)[3] < box(house)[1] + 0.2 * (box(house)[3] - box(house)[1])
    assert (cv2.dilate(bird.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)[house].any()


@pytest.mark.parametrize("said", ["a moon over a mountain", "a rocket above a city"])
def test_over_is_higher_and_apart(drawings: Drawings, said: str) -> None:
    made = scene(drawings, said)
    above, below = seen(made, 0), seen(made, 1)
    assert box(above)[1] < box(below)[1]
    assert not (above & below).any()


def test_under_a_roof_stands_on_its_ground_and_else_below(drawings: Drawings) -> None:
    made = scene(drawings, "a cat under an umbrella")
    cat, umbrella = box(seen(made, 0)), box(seen(made, 1))
    assert abs(cat[3] - umbrella[3]) <= 3
    assert cat[1] > umbrella[1]
    made = scene(drawings, "a mouse under a bed")
    assert box(seen(made, 0))[1] >= box(seen(made, 1))[3] - 2


def test_what_is_in_something_is_hidden_by_its_front_alone(drawings: Drawings) -> None:
    made = scene(drawings, "a rabbit in a basket")
    assert [(piece.thing, piece.front) for piece in made.pieces] == [
        (1, False),
        (0, False),
        (1, True),
    ]
    rabbit = seen(made, 0)
    front = cv2.warpAffine(made.pieces[2].solid.astype(np.float32), made.pieces[2].at, (256, 256))
    hidden = (rabbit & (front > 0.5)).sum() / rabbit.sum()
    assert 0.1 < hidden < 0.5


@pytest.mark.parametrize(
    ("said", "behind"), [("a pink pig behind a tree", 0), ("a car in front of a house", 1)]
)
def test_what_is_behind_is_hidden_in_part(drawings: Drawings, said: str, behind: int) -> None:
    made = scene(drawings, said)
    assert made.pieces[0].thing == behind
    hidden = (seen(made, 0) & seen(made, 1)).sum() / seen(made, behind).sum()
    assert 0.05 < hidden < 0.5


def test_between_has_one_at_either_side(drawings: Drawings) -> None:
    for said in ("a monkey between two bananas", "a monkey between a cat and a dog"):
        made = scene(drawings, said)
        left, _, right, _ = box(seen(made, 0))
        others = np.any([seen(made, i) for i in range(1, len(made.things))], 0)
        assert others[:, :left].any()
        assert others[:, right:].any()


@pytest.mark.parametrize(
    "said", ["a car in front of a house", "a pink pig behind a tree", "a fox in a boat"]
)
def test_no_line_of_what_is_behind_shows_through(drawings: Drawings, said: str) -> None:
    made = scene(drawings, said)
    front = made.pieces[-1]
    solid = cv2.erode(front.solid.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(np.float32)
    inner = cv2.warpAffine(solid, front.at * 2, (512, 512)) > 0.9
    own = made.things[front.thing].pixels[..., 3]
    alone = cv2.warpAffine(cv2.dilate(own, np.ones((9, 9), np.uint8)), front.at * 2, (512, 512))
    assert inner.sum() > 1000
    assert made.pixels[..., 3][inner & (alone < 100)].max(initial=0) == 0


def test_strokes_are_as_wide_on_small_things_as_on_large_ones(drawings: Drawings) -> None:
    made = scene(drawings, "an elephant and a mouse")
    ink = made.pixels[..., 3]
    split = 2 * box(seen(made, 0))[2] + 8
    widths = []
    for half in (ink[:, :split], ink[:, split:]):
        page = np.zeros((256, 256), np.uint8)
        rows, columns = np.nonzero(half > 40)
        cut = half[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1][:256, :256]
        page[: cut.shape[0], : cut.shape[1]] = cut
        widths.append(LineArt(page).stroke)
    assert widths[0] == pytest.approx(widths[1], rel=0.25)


@pytest.mark.parametrize("said", ["a cat and a dog", "six stars", "a giraffe over a bed"])
def test_the_page_keeps_its_margins(drawings: Drawings, said: str) -> None:
    left, top, right, bottom = box(scene(drawings, said).pixels[..., 3] > 60)
    assert min(left, top) >= 16
    assert max(right, bottom) < 512 - 16
    assert max(right - left, bottom - top) > 512 - 80, "and is filled"


def test_several_are_as_many_and_not_quite_the_same(drawings: Drawings) -> None:
    made = scene(drawings, "five stars")
    assert len(made.pieces) == 5
    assert len({round(piece.scale, 4) for piece in made.pieces}) == 5


def test_a_seed_repeats_and_another_one_varies(drawings: Drawings, table: TextTable) -> None:
    again = Drawings(WEIGHTS / "drawings.zip", table, WORDS)
    first, second = (scene(one, "three mushrooms", 7).pixels for one in (drawings, again))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, scene(drawings, "three mushrooms", 8).pixels)


def test_every_label_has_a_size() -> None:
    assert all(0.2 < WORDS.kinds.size(label) < 2.5 for label in WORDS.labels)


PLACES = st.sampled_from(
    "and,beside,with,on,over,under,in,behind,in front of,between,wearing,at,of".split(",")
)
COUNTS = st.sampled_from(["a", "two", "5", "three red", "many"])


@settings(max_examples=40, deadline=None)
@given(
    first=st.sampled_from(WORDS.labels),
    others=st.lists(st.tuples(PLACES, COUNTS, st.sampled_from(WORDS.labels)), max_size=4),
    seed=st.sampled_from([42, 7]),
)
@example(first="cat", others=[("between", "a", "house")], seed=42)
def test_whatever_is_named_is_on_the_page(
    drawings: Drawings,
    table: TextTable,
    first: str,
    others: list[tuple[str, str, str]],
    seed: int,
) -> None:
    said = " ".join([f"a {first}", *(f"{place} {count} {name}" for place, count, name in others)])
    found = drawings.find(read_prompt(said, table, WORDS), seed)
    if found.scene is None:
        return
    made = found.scene
    assert len(made.pieces) <= 2 * MOST
    assert {piece.thing for piece in made.pieces} == set(range(len(made.things)))
    left, top, right, bottom = box(made.pixels[..., 3] > 60)
    assert min(left, top) >= 8
    assert max(right, bottom) < 512 - 8


def test_a_long_prompt_is_read_up_to_a_bound(
    drawings: Drawings, table: TextTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    words = Words.read(WEIGHTS / "words.json")
    find = words.find

    def counted(said: str) -> list[Match]:
        looked_up.append(said)
        return find(said)

    monkeypatch.setattr(words, "find", counted)
    fresh = Drawings(WEIGHTS / "drawings.zip", table, words)
    found = fresh.find(read_prompt("a cat and a zzyzx, " * 50, table, words), 42)
    assert found.scene is not None
    assert len(looked_up) <= 12
