"""Styles of one's own: named and mixed like any other, and refused where they are not whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import save_file
from skimage import data

from livedraft.errors import ConfigError, InvalidParams, WeightsError
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.onnx import Floats
from livedraft.runtime.models.params import merge
from livedraft.runtime.models.restyle import own
from livedraft.runtime.models.restyle.model import Restyle
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.restyle.params import STYLES, RestyleParams, mix_of
from livedraft.runtime.models.restyle.tuning import served
from livedraft.runtime.models.restyle.weights import FILE, WEIGHTS

FRAME = np.ascontiguousarray(data.astronaut()[:128:2, ::4])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIVEDRAFT_CACHE", str(tmp_path))
    (tmp_path / "styles").mkdir()
    return tmp_path / "styles"


@pytest.fixture(scope="module")
def rows() -> Floats:
    """Return those of the styles that ship."""
    weights, names = served.read((WEIGHTS / FILE).read_bytes())
    assert names == STYLES
    return served.rows(served.folded(weights))


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter.read(plan=Plan(threads=1))


def write(folder: Path, name: str, row: Floats, **about: str) -> None:
    own.write(folder / f"{name}.safetensors", row, {"net": own.shipped()} | about)


def test_what_is_written_paints_as_what_it_was_taken_from(
    folder: Path, rows: Floats, painter: Painter
) -> None:
    write(folder, "mine", rows[2:3])
    assert np.array_equal(painter.paint(FRAME, {"mine": 1}), painter.paint(FRAME, {"night": 1}))
    mixed = painter.paint(FRAME, {"mine": 0.4, "pastel": 0.6})
    theirs = painter.paint(FRAME, {"night": 0.4, "pastel": 0.6})
    assert np.abs(mixed.astype(int) - theirs).max() <= 1, "sums in another order"
    write(folder, "other", rows[:1])
    mixed = painter.paint(FRAME, {"mine": 0.4, "other": 0.6})
    assert np.array_equal(mixed, painter.paint(FRAME, {"night": 0.4, "painterly": 0.6}))


def test_it_is_offered_and_taken_like_any_other_as_soon_as_it_is_there(
    folder: Path, rows: Floats
) -> None:
    def offered() -> list[str]:
        found: list[str] = RestyleParams.model_json_schema()["properties"]["style"]["enum"]
        return found

    assert offered() == [*STYLES]
    write(folder, "mine", rows[:1])
    assert offered() == [*STYLES, "mine"]
    assert merge(RestyleParams, None, mix_of("mine=.5,past=.5")).mix == {"mine": 0.5, "pastel": 0.5}
    assert own.remove("mine").stem == "mine"
    assert offered() == [*STYLES]
    with pytest.raises(InvalidParams, match="no style 'mine'"):
        mix_of("mine")
    with pytest.raises(InvalidParams, match="no style 'mine'"):
        merge(RestyleParams, None, {"style": "mine"})
    with pytest.raises(ConfigError, match="no style 'mine'"):
        own.remove("mine")


def test_a_style_that_is_changed_is_read_anew(folder: Path, rows: Floats, painter: Painter) -> None:
    write(folder, "mine", rows[:1])
    before = painter.paint(FRAME, {"mine": 1})
    write(folder, "mine", rows[4:5])
    assert not np.array_equal(painter.paint(FRAME, {"mine": 1}), before)


def damaged(folder: Path, rows: Floats, how: str) -> None:
    write(folder, "mine", rows[:1])
    file = folder / "mine.safetensors"
    if how == "cut":
        file.write_bytes(file.read_bytes()[:-400])
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "a pickle":
        file.write_bytes(b"\x80\x04nothing")
    elif how == "another kind":
        save_file({"style": rows[:1]}, file)
    elif how == "a folder":
        file.unlink()
        file.mkdir()
    elif how == "not finite":
        write(folder, "mine", np.full_like(rows[:1], np.nan))
    elif how == "two rows":
        write(folder, "mine", rows[:2])
    elif how == "too few numbers":
        write(folder, "mine", rows[:1, :-1])
    elif how == "another net":
        write(folder, "mine", rows[:1], net="0123456789abcdef")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("cut", "cannot be read"),
        ("empty", "it is empty"),
        ("a pickle", "may run anything"),
        ("another kind", "holds no style"),
        ("a folder", "it is no file"),
        ("not finite", "no numbers of a style"),
        ("two rows", "no numbers of a style"),
        ("too few numbers", "no numbers of a style"),
        ("another net", "another net than the one that ships"),
    ],
)
def test_a_damaged_or_wrong_file_is_not_offered_and_told_who_names_it(
    folder: Path, rows: Floats, painter: Painter, how: str, why: str
) -> None:
    damaged(folder, rows, how)
    assert "mine" not in RestyleParams.model_json_schema()["properties"]["style"]["enum"]
    with pytest.raises(InvalidParams, match=why):
        merge(RestyleParams, None, mix_of("mine"))
    with pytest.raises(WeightsError, match=why) as told:
        painter.paint(FRAME, {"mine": 1.0})
    assert "livedraft restyle train" in told.value.fix


def test_another_net_does_not_take_what_the_one_that_ships_has_learned(
    folder: Path, rows: Floats, tmp_path: Path
) -> None:
    write(folder, "mine", rows[:1])
    model = onnx.load(WEIGHTS / FILE)
    del model.metadata_props[:]  # among them, which net it is
    onnx.save(model, tmp_path / FILE)
    other = Painter.read(str(tmp_path), Plan(threads=1))
    assert other.paint(FRAME, {"pastel": 1}).shape == FRAME.shape
    with pytest.raises(WeightsError, match="not for this one"):
        other.paint(FRAME, {"mine": 1})


def test_where_nothing_is_kept_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEDRAFT_CACHE", "none")
    assert own.names() == own.usable() == []
    with pytest.raises(ConfigError, match="no folder for styles"):
        own.folder()
    assert Restyle.load(plan=Plan(threads=1)) is not None
