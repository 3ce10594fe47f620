"""The avatars that ship are the ones that the command draws."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from training.head.avatars.__main__ import SHIPPED, main
from training.head.avatars.cast import CAST

from livedraft.runtime.models.head.avatar import avatars
from livedraft.runtime.models.head.avatar.folder import read_drawing


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
