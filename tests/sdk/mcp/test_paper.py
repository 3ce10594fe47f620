"""The paper of assistants: what is drawn is exact, bounded, and never spoilt by what is refused."""

from __future__ import annotations

import pytest

from livedraft.errors import BadInput, InvalidImage
from livedraft.mcp.paper import MOST_POINTS, SIDE, Paper, Stroke


def line(y: float, **more: object) -> Stroke:
    return Stroke.model_validate({"points": [[0.1, y], [0.9, y]], "width": 0.1} | more)


def test_strokes_one_by_one_look_as_those_at_once() -> None:
    strokes = [line(0.2, colour="#d22"), line(0.51, colour="navy"), line(0.8)]
    at_once, by_one = Paper().draw(strokes), Paper()
    for stroke in strokes:
        by_one = by_one.draw([stroke])
    assert by_one.strokes == at_once.strokes == 3
    assert by_one.picture.tobytes() == at_once.picture.tobytes()


def test_paper_holds_a_picture_and_no_strokes() -> None:
    paper = Paper()
    for _ in range(3):
        paper = paper.draw([line(0.5)] * 20)
    assert paper.picture.size == (SIDE, SIDE)
    assert vars(paper).keys() == {"strokes", "picture"}
    assert paper.strokes == 60


def test_too_many_points_are_refused_before_any_is_drawn() -> None:
    points = [[0.5, 0.5]] * 2000
    stroke = Stroke.model_validate({"points": points})
    assert Paper().draw([stroke] * (MOST_POINTS // 2000)).strokes == MOST_POINTS // 2000
    with pytest.raises(BadInput, match="several calls"):
        Paper().draw([stroke] * (MOST_POINTS // 2000 + 1))


@pytest.mark.parametrize(
    ("colour", "shown"),
    [
        ("rgb(999,0,0)", (255, 0, 0)),
        ("rgb(99999999999999999999,0,0)", (255, 0, 0)),  # no number that Pillow could draw with
        ("rgb(3000%,0%,0%)", (255, 0, 0)),
        ("hsl(0,100%,900%)", (255, 255, 255)),
    ],
)
def test_colours_beyond_their_range_are_their_nearest(
    colour: str, shown: tuple[int, int, int]
) -> None:
    drawn = Paper().draw([line(0.5, colour=colour)])
    assert drawn.picture.getpixel((SIDE // 2, SIDE // 2)) == shown


def test_what_is_refused_leaves_the_paper_as_it_was() -> None:
    paper = Paper().draw([line(0.5)])
    before = paper.picture.tobytes()
    for colour in ("mauvish", "", "x" * 500, "rgb(" + "9" * 90 + ")"):
        with pytest.raises(InvalidImage):
            paper.draw([line(0.2), line(0.3, colour=colour)])
    assert paper.picture.tobytes() == before
    assert paper.strokes == 1
