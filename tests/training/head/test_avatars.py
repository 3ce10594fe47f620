"""The avatars that ship are the ones that the command draws."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from training.head.avatars.__main__ import SHIPPED, main
from training.head.avatars.cast import CAST
from training.head.avatars.seeded import Style, somebody

from livedraft.runtime.models.head.avatar import avatars, load
from livedraft.runtime.models.head.avatar.folder import read_drawing
from livedraft.runtime.models.head.expression import Expression


def test_the_cast_is_what_ships() -> None:
    assert avatars() == {name: person.title for name, person in CAST.items()}


def test_one_is_drawn_as_it_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("harjit", "ruth"):
        monkeypatch.setattr(sys, "argv", ["avatars", "--out", str(tmp_path), name])
        main()
        assert read_drawing(tmp_path / name) == read_drawing(SHIPPED / name)
        for part in ("base.webp", "thumbnail.webp"):
            drawn, ships = (
                np.asarray(Image.open(folder / name / part).convert("RGB")).astype(int)
                for folder in (tmp_path, SHIPPED)
            )
            assert np.abs(drawn - ships).mean() < 0.5


@pytest.mark.parametrize("style", ["lorelei", "notionists"])
def test_a_seed_is_somebody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: Style) -> None:
    asked = ["avatars", "--seed", "Grace", "--style", style, "--out", str(tmp_path / "grace")]
    monkeypatch.setattr(sys, "argv", asked)
    main()
    face = load(tmp_path / "grace")
    assert face.drawing.title == "Grace"
    open_, shut = (face.render(Expression(blink=blink)).astype(int) for blink in (0, 1))
    assert (np.abs(open_ - shut).max(-1) > 48).sum() > 100
    assert somebody("Grace", style) == somebody("Grace", style)
    assert len({str(somebody(f"{number}", style)) for number in range(50)}) == 50


def test_somebody_new_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["avatars", "--seed", "Grace"])
    with pytest.raises(SystemExit):
        main()


def test_those_that_ship_are_laid_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sheet.jpg"
    monkeypatch.setattr(sys, "argv", ["avatars", "--sheet", str(file)])
    main()
    with Image.open(file) as sheet:
        assert sheet.size == (1100, 440)
