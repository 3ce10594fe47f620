"""A picture's recipe goes into every type of file, comes back, and cannot be a stranger's bomb."""

import io
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

import livedraft as ld
from livedraft.errors import InvalidImage
from livedraft.media import images
from livedraft.media.parts import MOST_RECIPE_BYTES
from livedraft.media.recipes import read_recipe, with_recipe

RECIPE: dict[str, Any] = {"model": "ink", "params": {"prompt": "rote Füchse 🦊", "seed": 7}}
ENDINGS = [".png", ".jpg", ".JPEG", ".webp"]


def made() -> Image.Image:
    """Return a picture as ``generate`` gives it."""
    return with_recipe(images.decode(images.encode(Image.new("RGBA", (8, 8)), recipe=RECIPE)))


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_goes_into_every_type_and_comes_back_however_it_is_opened(
    ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"made{ending}"
    ld.save(made(), path)
    assert with_recipe(images.decode(path.read_bytes())).info["livedraft"] == RECIPE
    with Image.open(path) as opened:
        assert read_recipe(opened) == RECIPE


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("first", ENDINGS)
def test_it_survives_opening_changing_and_saving_again(
    first: str, ending: str, tmp_path: Path
) -> None:
    ld.save(made(), tmp_path / f"first{first}")
    with Image.open(tmp_path / f"first{first}") as opened:
        ld.save(opened, tmp_path / f"second{ending}")
        ld.save(opened.convert("L").resize((4, 4)).rotate(90), tmp_path / f"third{ending}")
    ld.save(tmp_path / f"first{first}", tmp_path / f"fourth{ending}")
    for name in ("second", "third", "fourth"):
        with Image.open(tmp_path / f"{name}{ending}") as again:
            assert read_recipe(again) == RECIPE
    assert with_recipe(with_recipe(made())).info["livedraft"] == RECIPE


@pytest.mark.parametrize("ending", ["", ".gif", ".tiff", ".png.exe"])
def test_a_name_that_ends_otherwise_is_refused_with_the_endings(
    ending: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidImage, match=r"\.png, \.jpg") as caught:
        ld.save(made(), tmp_path / f"out{ending}")
    assert caught.value.fix
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match="No such file") as caught:
        ld.save(made(), tmp_path / "no" / "out.png")
    assert "folder" in caught.value.fix


def test_what_was_turned_is_saved_as_it_looks(tmp_path: Path) -> None:
    with Image.open(Path(__file__).parent / "cases" / "exif6.jpg") as photo:
        ld.save(photo, tmp_path / "photo.jpg")
    assert images.decode((tmp_path / "photo.jpg").read_bytes()).size == (300, 400)


def png(add: str, text: str, **how: Any) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    getattr(chunks, add)("livedraft", text, **how)
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


@pytest.mark.parametrize(
    ("add", "how"), [("add_itxt", {}), ("add_itxt", {"zip": True}), ("add_text", {"zip": True})]
)
def test_every_kind_of_text_is_read(add: str, how: dict[str, Any]) -> None:
    data = png(add, json.dumps(RECIPE), **how)
    assert read_recipe(images.decode(data)) == RECIPE


@pytest.mark.parametrize(
    "text",
    [
        "{not json", "[1, 2]", '"words"', "", "[" * 50_000, '{"a":' * 8000, "1" * 50_000,
        json.dumps({"prompt": "x" * MOST_RECIPE_BYTES}),
        json.dumps({"strokes": [[]] * 2**18 + [{}] * 2**18}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [True, False])
def test_what_is_no_recipe_is_none(text: str, packed: bool) -> None:
    data = png("add_itxt", text, zip=packed)
    assert read_recipe(images.decode(data)) is None
    if packed and len(text) > PngImagePlugin.MAX_TEXT_CHUNK:
        return  # Pillow opens no such file
    with Image.open(io.BytesIO(data)) as opened:
        assert read_recipe(opened) is None


def test_the_longest_drawing_comes_back() -> None:
    """Of as many points as `<livedraft-sketch>` keeps, and the strokes that they are in."""
    longest = {"inputs": {"sketch": [{"points": [[511, 511, 0.5]] * 100} for _ in range(2000)]}}
    assert read_recipe(images.decode(png("add_itxt", json.dumps(longest), zip=False))) == longest


@pytest.mark.parametrize("name", ["out.png", "out.webp"])
def test_a_photograph_that_was_drawn_on_comes_back(tmp_path: Path, name: str) -> None:
    """As `<livedraft-sketch>` writes it; a JPEG has no room for it, and the rest of the recipe."""
    sketch = "data:image/png;base64," + "A" * 6 * 2**20
    recipe = RECIPE | {"inputs": {"sketch": sketch}}
    picture = Image.new("RGB", (64, 64))
    picture.info["livedraft"] = recipe
    ld.save(picture, tmp_path / name)
    with Image.open(tmp_path / name) as opened:
        assert read_recipe(opened) == recipe
    assert read_recipe(images.decode((tmp_path / name).read_bytes())) == recipe
    ld.save(picture, tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as opened:
        assert read_recipe(opened) == RECIPE
    longer = RECIPE | {"inputs": {"sketch": sketch + "A" * 2 * 2**20}}
    assert read_recipe(images.decode(images.encode(picture, recipe=longer))) == RECIPE


def test_a_text_bomb_is_none() -> None:
    data = png("add_text", "x", zip=True)
    bomb = zlib.compress(bytes(200 * 2**20))
    at = data.index(b"zTXt")
    length = int.from_bytes(data[at - 4 : at], "big")
    body = b"livedraft\0\0" + bomb
    made = data[: at - 4] + len(body).to_bytes(4, "big") + b"zTXt" + body + bytes(4)
    assert read_recipe(images.decode(made + data[at + 8 + length :])) is None
