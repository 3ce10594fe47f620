"""The drawing that all benchmarks share."""

import io

from benchmarks.drawing import jpegs, strokes
from PIL import Image


def test_all_points_lie_on_the_paper() -> None:
    points = [point for stroke in strokes() for point in stroke]
    assert len(points) == 7 * 24
    assert all(0 < x < 1 and 0 < y < 1 for x, y in points)


def test_the_drawing_grows() -> None:
    pictures = [Image.open(io.BytesIO(data)) for data in jpegs(64)]
    ink = [sum(picture.convert("L").histogram()[:128]) for picture in pictures]
    assert [(picture.format, picture.size) for picture in pictures] == [("JPEG", (64, 64))] * 8
    assert ink == sorted(set(ink))
