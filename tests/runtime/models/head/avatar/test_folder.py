"""Folders of avatars: what ships, and what is wrong with others."""

from __future__ import annotations

import io
import json
import shutil
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livedraft.errors import ConfigError
from livedraft.runtime.models.head.avatar import avatars, gallery, load, pictures, thumbnail
from livedraft.runtime.models.head.expression import Expression

SHIPPED = Path(gallery.__file__).parent / "shipped"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(SHIPPED / "ruth", tmp_path / "mine")


def test_ten_ship_and_are_small() -> None:
    assert len(avatars()) == 10
    assert all(title.strip() for title in avatars().values())
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*.*")) < 2_000_000


def test_each_has_a_thumbnail_and_says_where_it_is_from() -> None:
    for name, title in avatars().items():
        with Image.open(io.BytesIO(thumbnail(name))) as picture:
            assert (picture.format, picture.size) == ("WEBP", (128, 128))
        start, _, coded = pictures()[name].partition(",")
        assert start == "data:image/webp;base64"
        assert b64decode(coded) == thumbnail(name)
        drawing = load(name).drawing
        assert drawing.title == title
        assert "CC0" in drawing.credit


def test_an_own_folder_is_an_avatar(folder: Path) -> None:
    mine, theirs = load(folder), load("ruth")
    assert np.array_equal(mine.render(Expression()), theirs.render(Expression()))


def test_nothing_has_to_lie_over_the_eyes(folder: Path) -> None:
    (folder / "over.webp").unlink()
    bare, glasses = load(folder).render(Expression()), load("ruth").render(Expression())
    assert not np.array_equal(bare, glasses)


def test_a_drawing_may_be_a_png(folder: Path) -> None:
    drawn = load(folder).render(Expression())
    for part in ("base", "over"):
        with Image.open(folder / f"{part}.webp") as picture:
            picture.save(folder / f"{part}.png")
        (folder / f"{part}.webp").unlink()
    assert np.array_equal(load(folder).render(Expression()), drawn)


def test_who_is_not_there_is_told_who_is() -> None:
    for name in ("nobody", "../ada", ""):
        with pytest.raises(ConfigError, match="no avatar") as refused:
            load(name)
        assert "ada" in str(refused.value.fix)


def _describe(change: Callable[[dict[str, object]], object]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        file = folder / "avatar.json"
        told = json.loads(file.read_text("utf-8"))
        change(told)
        file.write_text(json.dumps(told), "utf-8")

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder), "not read"),
        (lambda folder: (folder / "base.webp").unlink(), "base.webp is not read"),
        (lambda folder: (folder / "base.webp").write_bytes(b"RIFF no"), "no picture"),
        (lambda folder: (folder / "avatar.json").write_text("{"), "no JSON"),
        (lambda folder: (folder / "avatar.json").write_text("[" * 100_000), "no JSON"),
        (lambda folder: (folder / "avatar.json").write_bytes(b"\xff\xfe{"), "no JSON"),
        (_describe(lambda told: told.pop("mouth")), "mouth: Field required"),
        (_describe(lambda told: told.update(line=-1)), "line: "),
        (_describe(lambda told: told.update(eyes=[])), "eyes: "),
        (_describe(lambda told: told.update(hat="red")), "hat: "),
    ],
)
def test_what_is_wrong_is_named(folder: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(folder)
    with pytest.raises(ConfigError, match=said) as refused:
        load(folder)
    assert refused.value.fix


def test_a_picture_of_another_size_is_refused(folder: Path) -> None:
    Image.new("RGB", (512, 512)).save(folder / "base.webp")
    with pytest.raises(ConfigError, match="512 × 512 px") as refused:
        load(folder)
    assert "1024 × 1024" in str(refused.value.fix)
