"""Frames are drawn, judged and laid out to look at: a double stands for FaceMesh."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.training.head.evaluate.hum import recording
from training.head.evaluate import report
from training.head.evaluate.drives import phonemes, random
from training.head.evaluate.meter import Gaps
from training.head.evaluate.report import evaluate, table

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.expression import SIZE, Expression


class FakeFace:
    """Draws how far its mouth is open as how bright it is."""

    nbytes = 0

    def render(self, expression: Expression) -> Pixels:
        return np.full((SIZE, SIZE, 3), round(200 * float(expression.mouth[0])), np.uint8)


class FakeLips:
    """Sees how bright a frame is."""

    def gaps(self, frames: Iterable[Pixels]) -> Gaps:
        return np.array([frame.mean() / 1000 for frame in frames])

    def box(self, frame: Pixels) -> tuple[int, int, int, int]:
        return 200, 300, 300, 360


@pytest.fixture(autouse=True)
def _judged_by_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "Lips", FakeLips)


def test_drives_are_told_apart_and_mouths_are_written(tmp_path: Path) -> None:
    drives = {"phonemes": phonemes, "random": random}
    found = evaluate(FakeFace(), [recording()] * 2, drives, "phonemes", tmp_path)
    assert found.drives["phonemes"]["J"] == 1
    assert found.drives["phonemes"]["pbm"] == 4
    assert found.drives["random"]["r"] < found.drives["phonemes"]["r"]
    assert set(found.recordings) == {"a hum"}
    sheets = sorted(tmp_path.glob("mouths-*.jpg"))
    assert len(sheets) == 2
    with Image.open(sheets[0]) as sheet:
        width, height = sheet.size
    assert width == 25 * 101  # a second a row, each mouth at full size with a line beside it
    assert height > 2 * 60


def test_a_table_has_a_line_a_drive() -> None:
    lines = table({"ours": {"J": 0.8, "pbm": 50}}).splitlines()
    assert len(lines) == 2
    assert "0.8" in lines[1]
